//! Tells the linker where libtorch lies, so that the built program starts without environment variables, and tells
//! the program which instruction set Faiss was built for (`LIKENESS_FAISS_FLAGS`).

use std::env;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=LIKENESS_FAISS_FLAGS={}", cxx_flags());
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    let Ok(libtorch) = env::var("LIBTORCH") else {
        println!("cargo:warning=LIBTORCH is not set: run `cargo xtask setup` once");
        return;
    };
    // Changes when another release is laid down behind the same link.
    println!("cargo:rerun-if-changed={libtorch}/build-version");
    let lib = Path::new(&libtorch).join("lib");
    if !lib.join("libtorch_cpu.so").exists() {
        println!("cargo:warning=there is no libtorch in {libtorch}: run `cargo xtask setup` once");
    }
    // `.libtorch` is a link; the program must not depend on the checkout staying where it is.
    let lib = lib.canonicalize().unwrap_or(lib);
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", lib.display());
}

/// The flags that the `cc` and `cmake` crates hand to Faiss's build: the most specific variable that is set.
fn cxx_flags() -> String {
    let target = env::var("TARGET").unwrap_or_default();
    let names = [
        format!("CXXFLAGS_{target}"),
        format!("CXXFLAGS_{}", target.replace('-', "_")),
        "HOST_CXXFLAGS".to_owned(),
        "CXXFLAGS".to_owned(),
    ];
    for name in &names {
        println!("cargo:rerun-if-env-changed={name}");
    }
    names.iter().find_map(|name| env::var(name).ok()).unwrap_or_default()
}
