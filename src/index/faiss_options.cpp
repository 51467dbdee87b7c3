// The C interface of Faiss does not say what Faiss was compiled for; its C++ interface does.

#include <cstring>
#include <string>

namespace faiss {
std::string get_compile_options();
std::string get_version();
} // namespace faiss

static void copy_out(const std::string& text, char* out, size_t capacity) noexcept {
    const size_t n = text.size() < capacity ? text.size() : capacity - 1;
    std::memcpy(out, text.data(), n);
    out[n] = '\0';
}

// Both write a NUL-terminated text of at most `capacity` bytes, which must be at least 1, to `out`.
extern "C" void likeness_faiss_options(char* out, size_t capacity) {
    copy_out(faiss::get_compile_options(), out, capacity);
}

extern "C" void likeness_faiss_version(char* out, size_t capacity) {
    copy_out(faiss::get_version(), out, capacity);
}
