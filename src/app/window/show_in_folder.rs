use crate::tell;
use crate::types::Telling;
use std::path::Path;
use std::process::Stdio;

/// Opens the photo's folder in the desktop's file manager. Returns what went wrong, in words.
pub(super) fn show_in_folder(path: &Path) -> Option<Telling> {
    let folder = path.parent().unwrap_or(path);
    let quiet = |program: &str| {
        let mut command = std::process::Command::new(program);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let uri = format!("array:string:file://{}", uri_path(path));
    let selected = quiet("dbus-send")
        .args(["--session", "--print-reply", "--reply-timeout=2000", "--dest=org.freedesktop.FileManager1"])
        .args(["/org/freedesktop/FileManager1", "org.freedesktop.FileManager1.ShowItems", &uri, "string:"])
        .status();
    if selected.is_ok_and(|status| status.success()) {
        return None;
    }
    match quiet("xdg-open").arg(folder).status() {
        Ok(status) if status.success() => None,
        _ => Some(tell!("window-no-file-manager", folder = folder)),
    }
}

/// The path with every byte that is not plain in a URI escaped.
fn uri_path(path: &Path) -> String {
    use std::fmt::Write;
    use std::os::unix::ffi::OsStrExt;
    let mut out = String::new();
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_escaped_for_uris() {
        assert_eq!(uri_path(Path::new("/a b/ü,é.jpg")), "/a%20b/%C3%BC%2C%C3%A9.jpg");
    }
}
