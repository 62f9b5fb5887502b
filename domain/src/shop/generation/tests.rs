use super::{Command, Event, Generations};
use crate::stream::StreamId;
use crate::testkit::{Story, given_nothing};
use crate::value::GENERATIONS_KEPT_MAX;
use crate::{Command as AnyCommand, Event as AnyEvent, State};

fn stream() -> StreamId {
    StreamId::Generation("cart".to_owned())
}

fn to_cart(command: Command) -> AnyCommand {
    AnyCommand::Generation("cart".to_owned(), command)
}

fn open(version: u32) -> AnyCommand {
    to_cart(Command::Open { version, held: false })
}

fn switch(generation: u32) -> AnyCommand {
    to_cart(Command::Switch { generation })
}

fn drop_tables(generation: u32) -> AnyCommand {
    to_cart(Command::Drop { generation })
}

fn of_cart(event: Event) -> [(StreamId, AnyEvent); 1] {
    [(stream(), event.into())]
}

fn generations(story: &Story) -> Generations {
    match story.state_of(&stream()) {
        State::Generation(generations) => generations,
        other => panic!("generations were asked for: {other:?}"),
    }
}

#[test]
fn generations_are_numbered_from_one_and_no_number_comes_again() {
    given_nothing()
        .when(open(4))
        .then(of_cart(Event::GenerationOpened {
            generation: 1,
            version: 4,
            held: false,
        }))
        .having(drop_tables(1))
        .when(open(5))
        .then(of_cart(Event::GenerationOpened {
            generation: 2,
            version: 5,
            held: false,
        }));
}

#[test]
fn only_one_is_filled_at_a_time() {
    let story = given_nothing()
        .having(open(1))
        .when(open(1))
        .then_refused("generation.open");
    assert_eq!(generations(&story).filling(), Some(1));
    assert_eq!(generations(&story).active(), None);
    story.having(switch(1)).when(open(1)).then_named(["GenerationOpened"]);
}

#[test]
fn queries_move_to_what_was_filled_and_back() {
    let story = given_nothing()
        .having(open(1))
        .having(switch(1))
        .having(open(2))
        .when(switch(2))
        .then(of_cart(Event::GenerationSwitched { generation: 2 }))
        .when(switch(2))
        .then_nothing();
    assert_eq!(generations(&story).active(), Some(2));
    assert_eq!(generations(&story).filling(), None);
    let story = story.when(switch(1)).then_named(["GenerationSwitched"]);
    assert_eq!(generations(&story).active(), Some(1));
    let kept: Vec<(u32, u32)> = generations(&story)
        .kept()
        .map(|(number, generation)| (number, generation.version))
        .collect();
    assert_eq!(kept, [(1, 1), (2, 2)]);
}

#[test]
fn queries_do_not_move_to_what_is_not_there() {
    given_nothing().when(switch(1)).then_refused("generation.absent");
    given_nothing()
        .having(open(1))
        .having(drop_tables(1))
        .when(switch(1))
        .then_refused("generation.absent");
}

#[test]
fn what_answers_queries_is_not_dropped() {
    given_nothing()
        .having(open(1))
        .having(switch(1))
        .having(open(1))
        .having(switch(2))
        .when(drop_tables(2))
        .then_refused("generation.active")
        .when(drop_tables(1))
        .then(of_cart(Event::GenerationDropped { generation: 1 }))
        .when(drop_tables(1))
        .then_nothing()
        .when(drop_tables(3))
        .then_refused("generation.absent")
        .when(drop_tables(0))
        .then_refused("generation.absent");
}

#[test]
fn old_generations_do_not_pile_up_for_ever() {
    let mut story = given_nothing();
    for number in 1..=GENERATIONS_KEPT_MAX {
        story = story
            .having(open(1))
            .having(switch(u32::try_from(number).expect("a small number")));
    }
    story.when(open(1)).then_refused("generation.too_many");
}
