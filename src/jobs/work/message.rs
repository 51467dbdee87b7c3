use crate::types::Telling;

/// Something the person should know that stopped nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    Info(Telling),
    Warning(Telling),
}
