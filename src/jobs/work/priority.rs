#![allow(unsafe_code, reason = "the standard library cannot set a thread's priority")]

/// Lets everything else on the machine go first: the calling thread works in what time the window, searches and
/// other programs leave. Costs nothing where the machine has nothing else to do.
pub(in crate::jobs) fn step_back() {
    #[cfg(target_os = "linux")]
    // SAFETY: takes no memory of ours. On Linux 0 stands for the calling thread, not for its process.
    if unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, 10) } != 0 {
        log::debug!("the thread keeps its priority: {}", std::io::Error::last_os_error());
    }
}
