//! Compiles the bridge to what Faiss' C interface leaves out, and tells the linker where libtorch lies, so that the
//! built program starts without environment variables.

use std::env;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/index/faiss_bridge.cpp");
    let mut bridge = cc::Build::new();
    bridge.cpp(true).std("c++17").file("src/index/faiss_bridge.cpp");
    // Where faiss-sys has laid down the headers of the Faiss it built.
    if let Ok(faiss) = env::var("DEP_FAISS_C_ROOT") {
        bridge.include(Path::new(&faiss).join("include"));
    }
    bridge.warnings(false).compile("likeness_faiss_bridge");
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
