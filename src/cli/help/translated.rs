//! Help in another language than that of the doc comments.

use clap::{Arg, Command, CommandFactory};

use super::super::Args;
use super::wrapped::{Columns, wrapped};
use crate::types::Language;
use crate::words::{Arg as Said, help};

/// The command line with its help in a language. Every command has the key `command-‹its names›`, with the attributes `more`
/// (further paragraphs) and `after`; every argument `arg-‹names of its command›-‹its name›` or, where several commands take
/// it and mean the same, `arg-‹its name›`; what stands for a value `value-‹letters of its name›`.
pub(super) fn command(language: Language) -> Command {
    let mut command = Args::command();
    // Now it has what clap adds: help, version, and flags that all commands take.
    command.build();
    translated(command, &Words { language, columns: Columns::of_terminal() }, "")
}

pub(super) struct Words {
    pub(super) language: Language,
    pub(super) columns: Columns,
}

impl Words {
    /// A sentence; where there is none, nothing is changed, and the English one stays.
    fn say(&self, key: &str, attribute: Option<&str>) -> Option<String> {
        help(self.language, key, attribute, &[])
    }

    fn filled(&self, key: &str, name: &'static str, value: String) -> String {
        help(self.language, key, None, &[(name, Said::from(value))]).unwrap_or_default()
    }
}

/// Before the help of a command in a list of commands, beside its name: spaces and the gap.
const AROUND_NAME: usize = 4;
/// Before the help of an argument, which stands on the next line.
const BEFORE_HELP: usize = 10;

fn translated(command: Command, words: &Words, path: &str) -> Command {
    let names =
        command.get_subcommands().filter(|command| !command.is_hide_set()).map(|command| command.get_name().len());
    let longest = names.max().unwrap_or_default();
    let mut command = command.mut_args(|arg| translated_arg(arg, words, path)).mut_subcommands(|command| {
        let command = match command.get_name() {
            // The same everywhere, and what clap has below it is never shown.
            HELP => about_help(command, words),
            name => {
                let path = below(path, name);
                translated(command, words, &path)
            }
        };
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        command.about(wrapped(&about, words.columns.0.saturating_sub(longest + AROUND_NAME)))
    });
    let key = command_key(path);
    if let Some(about) = words.say(&key, None) {
        let more = words.say(&key, Some("more"));
        let long = more.map_or_else(|| about.clone(), |more| format!("{about}\n\n{more}"));
        command = command.about(about).long_about(wrapped(&long, words.columns.0));
    }
    if let Some(after) = words.say(&key, Some("after")) {
        command = command.after_help(wrapped(&after, words.columns.0));
    }
    if let Some(heading) = words.say("clap-commands", None) {
        command = command.subcommand_help_heading(heading);
    }
    if let Some(name) = words.say("value-COMMAND", None) {
        command = command.subcommand_value_name(name);
    }
    let usage = command.render_usage().to_string();
    let (head, options) = (words.say("clap-usage", None), words.say("clap-some-options", None));
    if let (Some(head), Some(options)) = (head, options) {
        let usage = usage.trim_start_matches("Usage:").trim_start().replace("[OPTIONS]", &options);
        command = command.override_usage(usage).help_template(format!(
            "{{before-help}}{{about-with-newline}}\n{head}: {{usage}}\n\n{{all-args}}{{after-help}}"
        ));
    }
    command
}

/// The command that clap adds to all that have others below them.
pub(super) const HELP: &str = "help";

fn about_help(command: Command, words: &Words) -> Command {
    match words.say(&command_key(HELP), None) {
        Some(about) => command.about(about),
        None => command,
    }
}

/// "search", "models-use"; nothing for the program itself.
pub(super) fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}-{name}") }
}

pub(super) fn command_key(path: &str) -> String {
    if path.is_empty() { "command".to_owned() } else { format!("command-{path}") }
}

/// The key of its own, and the one it has with others.
pub(super) fn arg_keys(path: &str, arg: &Arg) -> [String; 2] {
    [format!("arg-{}", below(path, arg.get_id().as_str())), format!("arg-{}", arg.get_id())]
}

/// "FILE|DIR" as "FILE-DIR", "N,…" as "N".
pub(super) fn value_key(name: &str) -> String {
    let parts: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    format!("value-{}", parts.join("-"))
}

fn translated_arg(arg: Arg, words: &Words, path: &str) -> Arg {
    let width = words.columns.0.saturating_sub(BEFORE_HELP);
    let keys = arg_keys(path, &arg);
    let said = |attribute| keys.iter().find_map(|key| words.say(key, attribute));
    let Some(mut text) = said(None) else { return arg };
    let more = said(Some("more"));
    let spelled = spelled_values(&arg, words);
    let takes_value = arg.get_action().takes_values();
    if takes_value && !arg.is_hide_default_value_set() && !arg.get_default_values().is_empty() {
        let values: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        text += &words.filled("clap-default", "values", values.join(" "));
    }
    let mut long = more.map_or_else(|| text.clone(), |more| format!("{text}\n\n{more}"));
    if let Some((short, list)) = spelled {
        text += &words.filled("clap-values", "values", short);
        long += &words.filled("clap-values-list", "values", list);
    }
    let names: Vec<String> = arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    let has_long = arg.get_long_help().is_some() || text != long;
    let is_positional = arg.is_positional();
    let heading = arg.get_help_heading().map(ToOwned::to_owned);
    let mut arg =
        arg.hide_default_value(true).hide_possible_values(true).next_line_help(true).help(wrapped(&text, width));
    if has_long {
        arg = arg.long_help(wrapped(&long, width));
    }
    let heading = match heading {
        Some(heading) => words.say(&heading_key(&heading), None),
        None => words.say(if is_positional { "clap-arguments" } else { "clap-options" }, None),
    };
    if let Some(heading) = heading {
        arg = arg.help_heading(heading);
    }
    if takes_value && !names.is_empty() {
        arg = arg.value_names(names.iter().map(|name| value_name(name, words)).collect::<Vec<_>>());
    }
    arg
}

/// "FILE", and "FILE,…" for several.
fn value_name(name: &str, words: &Words) -> String {
    let bare = name.trim_end_matches(",…");
    let several = &name[bare.len()..];
    words.say(&value_key(bare), None).map_or_else(|| name.to_owned(), |said| said + several)
}

/// "heading-Search-parameters".
pub(super) fn heading_key(heading: &str) -> String {
    format!("heading-{}", heading.replace(' ', "-"))
}

/// The values that it may take, in a row and as a list with what each means.
fn spelled_values(arg: &Arg, words: &Words) -> Option<(String, String)> {
    let is_flag = !arg.get_action().takes_values();
    let values: Vec<_> = arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect();
    if is_flag || values.is_empty() || arg.is_hide_possible_values_set() {
        return None;
    }
    let row: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
    let line = |name: &&str| match words.say(&possible_key(arg, name), None) {
        Some(meaning) => format!("\n- {name}：{meaning}"),
        None => format!("\n- {name}"),
    };
    Some((row.join(", "), row.iter().map(line).collect()))
}

/// The key of a value out of several that an argument may take; those whose name says all have none.
pub(super) fn possible_key(arg: &Arg, name: &str) -> String {
    format!("choice-{}-{name}", arg.get_id())
}
