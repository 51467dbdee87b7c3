/// Who sits at this machine, as the system names them: what the ledger writes down.
pub fn actor() -> String {
    let named = ["LOGNAME", "USER", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    named.filter(|name| !name.trim().is_empty()).unwrap_or_else(unnamed)
}

#[cfg(unix)]
fn unnamed() -> String {
    // SAFETY: it takes nothing and cannot fail.
    #[allow(unsafe_code)] // the standard library does not tell the user's number
    let uid = unsafe { libc::getuid() };
    if uid == 0 { "root".to_owned() } else { format!("user {uid}") }
}

#[cfg(not(unix))]
fn unnamed() -> String {
    "somebody".to_owned()
}
