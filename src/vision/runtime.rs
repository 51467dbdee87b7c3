//! Threads and devices of the neural network library.

use crate::tell;
use crate::types::Telling;
use std::num::NonZero;
use std::sync::Once;
use std::thread;

use tch::Device;

/// Threads that one operator may use inside itself, for the whole process; at least 1.
///
/// Enrollment runs one worker per core and therefore sets 1. Call it at start, before work begins: a thread that
/// has already run an operator keeps the number it had.
pub fn set_threads(n: usize) {
    static INTER_OP: Once = Once::new();
    // The library takes this number once, before first use, and throws afterwards, which `tch` turns into a panic.
    INTER_OP.call_once(|| drop(std::panic::catch_unwind(|| tch::set_num_interop_threads(1))));
    tch::set_num_threads(i32::try_from(n.max(1)).unwrap_or(i32::MAX));
}

/// Makes the process-wide thread number hold on the calling thread too.
///
/// OpenMP keeps the number per thread, and the library hands it on only when one of its own loops starts; the
/// convolutions of oneDNN do not wait for that and would take every core. Cheap; call it before a forward pass.
pub(crate) fn adopt_thread_budget() {
    let _threads = tch::get_num_threads();
}

/// The first CUDA device where libtorch has one, otherwise the CPU.
pub fn device() -> Device {
    Device::cuda_if_available()
}

/// The same for people.
pub fn described() -> Telling {
    let (device, cores) = machine();
    let (threads, set) = (tch::get_num_threads(), instruction_set());
    tell!("device", device = device, cores = cores, set = set, threads = threads)
}

/// One line for the log and for reports, such as “CPU, 2 cores, AVX-512, 1 thread per operator”.
pub fn describe() -> String {
    let threads = tch::get_num_threads();
    let plural = if threads == 1 { "" } else { "s" };
    format!("{}, {threads} thread{plural} per operator", describe_machine())
}

/// What computes, such as “CPU, 2 cores, AVX-512”.
pub fn describe_machine() -> String {
    let (device, cores) = machine();
    let plural = if cores == 1 { "" } else { "s" };
    format!("{device}, {cores} core{plural}, {}", instruction_set())
}

fn machine() -> (String, usize) {
    let device = match device() {
        Device::Cuda(index) => format!("CUDA {index}"),
        Device::Cpu => "CPU".to_owned(),
        other => format!("{other:?}"),
    };
    (device, thread::available_parallelism().map_or(1, NonZero::get))
}

/// The widest vector instructions of this processor that the kernels can use.
fn instruction_set() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            return "AVX-512";
        }
        if is_x86_feature_detected!("avx2") {
            return "AVX2";
        }
        "SSE2"
    }
    #[cfg(target_arch = "aarch64")]
    {
        "NEON"
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        "no vector instructions known"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thread_number_reaches_new_threads() {
        set_threads(1);
        set_threads(0); // taken as 1
        let seen = thread::Builder::new().spawn(|| {
            adopt_thread_budget();
            tch::get_num_threads()
        });
        assert_eq!(seen.unwrap().join().unwrap(), 1);
    }

    #[test]
    fn the_description_names_device_and_cores() {
        let text = describe();
        assert!(text.contains("core") && text.contains("thread"), "{text}");
    }
}
