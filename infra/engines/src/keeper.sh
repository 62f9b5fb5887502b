# Keeps one server for the process at the other end of the standard input. Each line is an order. When the input
# ends, because that process closed it or died, the server is killed and what it wrote is removed.
# usage: sh -c THIS keeper FOLDER LOG PROGRAM ARGUMENT...
folder=$1 log=$2 server=
shift 2
# An answer that nobody reads must not end the keeper before the server.
trap '' PIPE
end() {
    if [ -n "$server" ]; then
        kill -s "$1" "$server"
        # One that is paused hears nothing.
        kill -s CONT "$server"
        wait "$server"
        server=
    fi
}
while read -r order; do
    case $order in
    start)
        end KILL
        "$@" </dev/null >>"$log" 2>&1 &
        server=$!
        echo "$server"
        ;;
    stop)
        end TERM
        echo ended
        ;;
    kill)
        end KILL
        echo ended
        ;;
    esac
done
end KILL
cd / && rm -rf -- "$folder"
