//! The People screen: lists, a person in full, and the review by keys. With `LIKENESS_UI_PICTURES` the pictures are kept in
//! that folder.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod ui_support;

use std::path::PathBuf;

use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable;
use likeness::app::{Change, Command, Naming, PeopleCommand, RosterCommand, Who};
use likeness::types::{FaceId, GroupId, Ignored, Language, SubjectId};
use likeness::ui::{UiMemory, render_with_memory};
use ui_support::roster::{all, face_item, group_item, named, person_page, queued};
use ui_support::window::{Window, assert_commands, click, press, window};

#[test]
fn the_screen_can_be_drawn_in_both_languages_and_themes() {
    for language in Language::ALL {
        for (name, mut state) in all() {
            state.settings.language = Some(language);
            for dark in [false, true] {
                let picture = render_with_memory(&state, &mut UiMemory::offscreen(), [1280, 800], 1.0, dark);
                assert_eq!(picture.dimensions(), (1280, 800));
                if let Some(folder) = std::env::var_os("LIKENESS_UI_PICTURES") {
                    let theme = if dark { "dark" } else { "light" };
                    let file = format!("people-{name}-{theme}-{}.png", language.tag());
                    picture.save(PathBuf::from(folder).join(file)).unwrap();
                }
            }
        }
    }
}

/// Does what the room does with these commands, so that the next item comes on view.
fn carry_out(harness: &mut Window) -> Vec<Command> {
    let commands = ui_support::window::commands(harness);
    for command in &commands {
        let queue = harness.state_mut().state.roster.queue.as_mut();
        match (command, queue) {
            (Command::Roster(RosterCommand::Decided), Some(queue)) => queue.decide(),
            (Command::Roster(RosterCommand::Turn(place)), Some(queue)) => queue.at = *place,
            _ => {}
        }
    }
    harness.run_ok();
    commands
}

#[test]
fn a_list_is_gone_through_and_opened_by_keys() {
    let mut harness = window(named());
    harness.get_by_label("Barack Obama, 10 faces, 1 of 100,000");
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::Enter);
    assert_commands!(harness, [Command::Roster(RosterCommand::Open(Some(Who::Subject(SubjectId(3)))))]);
    press(&mut harness, Key::R);
    assert_commands!(harness, [Command::Roster(RosterCommand::Review(true))]);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    assert_commands!(harness, [Command::Window(_)]);
    press(&mut harness, Key::End);
    assert_commands!(
        harness,
        [Command::Roster(RosterCommand::View { first, last: 100_000 })] if *first > 99_000
    );
}

#[test]
fn faces_without_a_name_are_decided_on_by_one_key_each() {
    let items = vec![
        face_item(2_390, Some("Ada Lovelace")),
        face_item(2_388, Some("Ada Lovelace")),
        face_item(2_386, None),
        face_item(2_384, Some("Ada Lovelace")),
        face_item(2_382, Some("Ada Lovelace")),
    ];
    let mut harness = window(queued(items));
    harness.get_by_label("Is this Ada Lovelace?");
    press(&mut harness, Key::Y);
    let commands = carry_out(&mut harness);
    let confirmed = |command: &Command| match command {
        Command::People(PeopleCommand::Name { faces, who }) => {
            *faces == [FaceId(2_390)] && *who == Naming::Subject(SubjectId(7))
        }
        _ => false,
    };
    assert!(
        matches!(&commands[..], [first, Command::Roster(RosterCommand::Decided)] if confirmed(first)),
        "{commands:?}"
    );
    press(&mut harness, Key::N);
    let commands = carry_out(&mut harness);
    let rejected = |change: &Change| matches!(change, Change::Reject { faces, subject: SubjectId(7) } if *faces == [FaceId(2_388)]);
    assert!(matches!(&commands[0], Command::People(PeopleCommand::Change(change)) if rejected(change)), "{commands:?}");
    harness.get_by_label("Leave this face alone, too?");
    press(&mut harness, Key::Y);
    let commands = carry_out(&mut harness);
    let ignored = |change: &Change| matches!(change, Change::Ignore { why: Ignored::Statue, .. });
    assert!(matches!(&commands[0], Command::People(PeopleCommand::Change(change)) if ignored(change)), "{commands:?}");
    press(&mut harness, Key::L);
    assert!(matches!(carry_out(&mut harness)[..], [Command::Roster(RosterCommand::Turn(4))]));
    press(&mut harness, Key::O);
    harness.event(Event::Text("Grace".to_owned()));
    harness.run_ok();
    press(&mut harness, Key::Enter);
    let commands = carry_out(&mut harness);
    let named = |who: &Naming| *who == Naming::Name("Grace".to_owned());
    assert!(matches!(&commands[0], Command::People(PeopleCommand::Name { who, .. }) if named(who)), "{commands:?}");
    // The one that was put off is on view again when all else is decided.
    harness.get_by_label_contains("4 decided");
}

#[test]
fn a_group_is_named_rejected_and_left_by_those_that_do_not_belong() {
    let mut harness = window(queued(vec![group_item(1, Some("Ada Lovelace")), group_item(2, None)]));
    harness.get_by_label("Are these 9 faces Ada Lovelace?");
    press(&mut harness, Key::ArrowRight);
    assert!(matches!(carry_out(&mut harness)[..], [Command::Roster(RosterCommand::Turn(1))]));
    harness.get_by_label("Who do these 9 faces show?");
    press(&mut harness, Key::ArrowLeft);
    carry_out(&mut harness);
    press(&mut harness, Key::Enter);
    let commands = carry_out(&mut harness);
    let named =
        |change: &Change| matches!(change, Change::NameGroup { group: GroupId(1), who: Naming::Subject(SubjectId(7)) });
    assert!(matches!(&commands[0], Command::People(PeopleCommand::Change(change)) if named(change)), "{commands:?}");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_ok();
    click(&mut harness, "Not of this group");
    let commands = carry_out(&mut harness);
    let left = |change: &Change| matches!(change, Change::LeaveGroup(faces) if faces.len() == 9);
    assert!(matches!(&commands[0], Command::People(PeopleCommand::Change(change)) if left(change)), "{commands:?}");
}

#[test]
fn odd_faces_of_a_person_are_split_off() {
    let mut harness = window(person_page());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_ok();
    click(&mut harness, "Somebody else");
    let commands = ui_support::window::commands(&mut harness);
    let split = |change: &Change| matches!(change, Change::Split { subject: SubjectId(2), faces, who: Naming::Nobody } if faces.len() == 40);
    assert!(matches!(&commands[..], [Command::People(PeopleCommand::Change(change))] if split(change)), "{commands:?}");
    click(&mut harness, "Alarms 1");
    click(&mut harness, "Split these 7 faces off");
    let commands = ui_support::window::commands(&mut harness);
    assert!(
        matches!(&commands[..], [Command::People(PeopleCommand::Change(Change::Split { faces, .. }))] if faces.len() == 7),
        "{commands:?}"
    );
    press(&mut harness, Key::Escape);
    assert_commands!(harness, [Command::Roster(RosterCommand::Open(None))]);
}
