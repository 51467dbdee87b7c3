/// Something the person should know that stopped nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    Info(String),
    Warning(String),
}
