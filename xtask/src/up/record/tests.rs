use engines::detached::{Detached, Process};

use super::Record;

#[test]
fn a_part_is_running_only_while_its_very_process_is_there() {
    let folder = std::env::temp_dir().join(format!("tillroll-record-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let record = Record::in_folder(&folder);
    assert!(record.running("kafka").is_none(), "nothing was written down");

    let log = folder.join("log");
    let process = Process::start(&["sleep".to_owned(), "60".to_owned()], &[], &folder, &log);
    let started = Detached {
        process: process.expect("sleep can be started"),
        address: "127.0.0.1:9092".to_owned(),
    };
    record.write("kafka", &started).expect("it is written down");
    let running = record.running("kafka").expect("it is running");
    assert_eq!(running.process, started.process);
    assert_eq!(running.address, started.address);

    let mut another = started.clone();
    another.process.began.push('0');
    record.write("registry", &another).expect("it is written down");
    assert!(
        record.running("registry").is_none(),
        "its number has gone to another process"
    );

    assert!(started.process.stop(std::time::Duration::from_secs(10)));
    assert!(record.running("kafka").is_none(), "it has ended");
    record.forget("kafka").expect("it is forgotten");
    std::fs::remove_dir_all(&folder).expect("the folder can be removed");
}
