use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use clap::builder::PossibleValue;
use clap::{Command, CommandFactory};

use super::super::Args;
use super::translated::{self, HELP, arg_keys, command_key, heading_key, possible_key, value_key};
use super::{language_asked, parse, refused};
use crate::types::Language;
use crate::words::{help, speak};

/// What the help says in English, by the keys that other languages may say it by: one of them has to be there.
struct Wanted {
    keys: Vec<String>,
    attribute: Option<&'static str>,
    english: String,
}

fn wanted(command: &Command, path: &str, all: &mut Vec<Wanted>) {
    let mut want = |keys: &[String], attribute, english: Option<String>| {
        all.push(Wanted { keys: keys.to_vec(), attribute, english: english.unwrap_or_default() });
    };
    let text = |styled: Option<&clap::builder::StyledStr>| styled.map(ToString::to_string);
    let key = [command_key(path)];
    want(&key, None, text(command.get_about()));
    if let Some(long) = text(command.get_long_about()) {
        want(&key, Some("more"), long.split_once("\n\n").map(|(_, more)| more.to_owned()));
    }
    if let Some(after) = text(command.get_after_help()) {
        want(&key, Some("after"), Some(after));
    }
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
        let keys = arg_keys(path, arg);
        want(&keys, None, text(arg.get_help()));
        let more = text(arg.get_long_help()).and_then(|long| Some(long.split_once("\n\n")?.1.to_owned()));
        if let Some(more) = more {
            want(&keys, Some("more"), Some(more));
        }
        if let Some(heading) = arg.get_help_heading() {
            want(&[heading_key(heading)], None, Some(heading.to_owned()));
        }
        if arg.get_action().takes_values() {
            // Letters and units are the same in every language.
            let is_word =
                |name: &&clap::builder::Str| name.split(|c: char| !c.is_alphanumeric()).any(|part| part.len() > 2);
            for name in arg.get_value_names().unwrap_or_default().iter().filter(is_word) {
                want(&[value_key(name)], None, Some(name.trim_end_matches(",…").to_owned()));
            }
            let says_more = |value: &PossibleValue| value.get_help().is_some();
            for value in arg.get_possible_values().into_iter().filter(says_more) {
                want(&[possible_key(arg, value.get_name())], None, value.get_help().map(ToString::to_string));
            }
        }
    }
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        if below.get_name() == HELP {
            all.push(Wanted { keys: vec![command_key(HELP)], attribute: None, english: "Help".to_owned() });
        } else {
            wanted(below, &translated::below(path, below.get_name()), all);
        }
    }
}

fn all_wanted() -> Vec<Wanted> {
    let mut command = Args::command();
    command.build();
    let mut all = Vec::new();
    wanted(&command, "", &mut all);
    all
}

#[test]
fn every_command_and_argument_has_help_in_every_language() {
    let mut missing = BTreeMap::new();
    for Wanted { keys, attribute, english } in all_wanted() {
        let name = format!("{}{}", keys[0], attribute.map(|it| format!(".{it}")).unwrap_or_default());
        if english.trim().is_empty() {
            missing.insert(name.clone(), "no English: write a doc comment".to_owned());
        }
        if !keys.iter().any(|key| help(Language::Chinese, key, attribute, &[]).is_some()) {
            missing.insert(name, english);
        }
    }
    let missing: Vec<String> = missing.into_iter().map(|(key, english)| format!("{key} = {english}")).collect();
    assert!(missing.is_empty(), "assets/help/zh-CN.ftl lacks\n{}", missing.join("\n"));
}

/// The key by which it is said.
fn said_by(wanted: &Wanted) -> Option<&String> {
    wanted.keys.iter().find(|key| help(Language::Chinese, key, wanted.attribute, &[]).is_some())
}

#[test]
fn arguments_that_are_said_alike_mean_the_same() {
    let mut meanings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for wanted in all_wanted() {
        // clap's own: with and without "see more".
        if let Some(key) = said_by(&wanted).filter(|key| !["arg-help", "command-help"].contains(&key.as_str())) {
            let attribute = wanted.attribute.map(|it| format!(".{it}")).unwrap_or_default();
            meanings.entry(format!("{key}{attribute}")).or_default().insert(wanted.english);
        }
    }
    meanings.retain(|_, english| english.len() > 1);
    assert_eq!(meanings, BTreeMap::new(), "give each a key of its own: arg-‹command›-‹argument›");
}

#[test]
fn no_help_is_left_of_what_is_gone() {
    let wanted = all_wanted();
    let said: BTreeSet<_> = wanted.iter().filter_map(|one| Some((said_by(one)?.as_str(), one.attribute))).collect();
    let mut key = "";
    let mut left = Vec::new();
    for line in include_str!("../../../assets/help/zh-CN.ftl").lines() {
        let Some((name, _)) = line.split_once(" =") else { continue };
        let attribute = name.trim().strip_prefix('.');
        if attribute.is_none() && name.starts_with(' ') {
            continue;
        }
        key = if attribute.is_none() { name } else { key };
        // These are clap's and not those of one command.
        if !key.starts_with("clap-") && key != "value-COMMAND" && !said.contains(&(key, attribute)) {
            left.push(line);
        }
    }
    assert_eq!(left, Vec::<&str>::new(), "nobody says them");
}

fn rendered(command: &mut Command, all: &mut Vec<String>) {
    all.push(command.render_long_help().to_string());
    all.push(command.render_help().to_string());
    for below in command.get_subcommands_mut().filter(|below| below.get_name() != HELP && !below.is_hide_set()) {
        rendered(below, all);
    }
}

#[test]
fn help_in_another_language_keeps_nothing_of_claps_own_words() {
    let mut all = Vec::new();
    rendered(&mut translated::command(Language::Chinese), &mut all);
    assert!(all.len() > 60);
    for text in all {
        for english in
            ["Usage", "Options", "Commands", "Arguments", "COMMAND", "OPTIONS", "default:", "ossible values", "Print"]
        {
            assert!(!text.contains(english), "{english} stands in\n{text}");
        }
        for heading in ["用法: likeness", "选项:"] {
            assert!(text.contains(heading), "{text}");
        }
        assert!(text.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 100), "{text}");
    }
}

fn words(line: &str) -> Vec<OsString> {
    line.split(' ').map(OsString::from).collect()
}

#[test]
fn a_line_means_the_same_in_every_language() {
    for line in ["likeness search p.jpg --k 3 --json --data-dir d", "likeness --lang zh-CN models use x", "likeness"] {
        let [english, chinese] = Language::ALL.map(|language| format!("{:?}", parse(language, &words(line)).unwrap()));
        assert_eq!(english, chinese);
    }
    for line in ["likeness serch", "likeness search", "likeness search p --k 0", "likeness index", "likeness --help"] {
        let [english, chinese] = Language::ALL.map(|language| parse(language, &words(line)).unwrap_err().kind());
        assert_eq!(english, chinese);
    }
}

#[test]
fn the_language_is_known_before_the_line_is_read() {
    let asked = |line| language_asked(&words(line));
    assert_eq!(asked("likeness --lang zh-CN --help"), Some(Language::Chinese));
    assert_eq!(asked("likeness search --lang=zh-CN --no-such"), Some(Language::Chinese));
    assert_eq!(asked("likeness --lang"), None);
    assert_eq!(asked("likeness --lang fr"), None);
    assert_eq!(asked("likeness detect -- --lang zh-CN"), None);
}

#[test]
fn what_is_wrong_with_a_line_is_said_in_the_language_of_the_thread() {
    speak(Some(Language::Chinese));
    for (line, said) in [
        ("likeness search p --kk 3", "未知的参数 --kk\n您是否想用 --k？"),
        ("likeness serch", "未知的命令 serch\n您是否想用 bench、screenshot、search？"),
        ("likeness search", "缺少必需的参数：<照片>..."),
        ("likeness search p --k 0", "“0”不能作为 --k <K> 的值：不在 1..=100000 的范围内"),
        ("likeness search p --k x", "“x”不能作为 --k <K> 的值：不是整数，或数值过大"),
        ("likeness search p --threshold 7", "“7”不能作为 --threshold <阈值> 的值：分数介于 -1 和 1 之间"),
        ("likeness search p --range --k 5", "--range 不能与 --k <K> 同时使用"),
        ("likeness search p --k", "--k <K> 需要一个值"),
        ("likeness search p --k 1 --k 2", "--k <K> 只能出现一次"),
        ("likeness screenshot house", "“house”不能作为 <界面> 的值：应为 "),
    ] {
        let error = parse(Language::Chinese, &words(line)).unwrap_err();
        let told = refused::text(&error);
        assert!(told.starts_with(said), "{line}:\n{told}");
        assert!(told.contains("--help") && !told.contains("Usage"), "{told}");
        let is_about_value =
            line.contains("p --k 0") || line.contains("x") || line.contains("7") || line.ends_with("--k");
        assert_eq!(told.contains("用法: likeness"), !is_about_value && !line.contains("house"), "{told}");
    }
}
