// What the C interface of Faiss leaves out: parameters that belong to one search instead of the index, memory-mapped
// loading, interruption, and what an index was trained to.
//
// Functions that can fail return 0, or 1 with a NUL-terminated text in `error` (of `capacity` bytes, at least 1).

#include <atomic>
#include <cmath>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVF.h>
#include <faiss/IndexIVFFastScan.h>
#include <faiss/IndexIVFPQ.h>
#include <faiss/IndexIVFRaBitQ.h>
#include <faiss/IndexLSH.h>
#include <faiss/IndexPQ.h>
#include <faiss/IndexPreTransform.h>
#include <faiss/IndexRaBitQ.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/IDSelector.h>
#include <faiss/index_io.h>
#include <faiss/utils/utils.h>

namespace {

void copy_out(const std::string& text, char* out, size_t capacity) noexcept {
    const size_t n = text.size() < capacity ? text.size() : capacity - 1;
    std::memcpy(out, text.data(), n);
    out[n] = '\0';
}

template <class Work>
int guarded(char* error, size_t capacity, Work&& work) noexcept {
    try {
        work();
        return 0;
    } catch (const std::bad_alloc&) {
        copy_out("there is not enough memory", error, capacity);
    } catch (const std::exception& e) {
        copy_out(e.what(), error, capacity);
    } catch (...) {
        copy_out("an unknown fault", error, capacity);
    }
    return 1;
}

// Bits of the query that RaBitQ compares in integers; 0 would compare floats, many times slower.
constexpr uint8_t RABITQ_QUERY_BITS = 8;

// The flag that the thread which trains or adds looks at.
thread_local const std::atomic<bool>* wanted_interrupt = nullptr;

struct ThreadInterrupt : faiss::InterruptCallback {
    bool want_interrupt() override {
        return wanted_interrupt != nullptr && wanted_interrupt->load(std::memory_order_relaxed);
    }
};

const faiss::Index* without_transform(const faiss::Index* index) {
    const auto* pre = dynamic_cast<const faiss::IndexPreTransform*>(index);
    return pre ? pre->index : index;
}

faiss::Index* without_transform(faiss::Index* index) {
    auto* pre = dynamic_cast<faiss::IndexPreTransform*>(index);
    return pre ? pre->index : index;
}

// Vectors as the index behind the transform takes them.
struct Transformed {
    const float* x;
    std::unique_ptr<const float[]> owned;

    Transformed(const faiss::Index* index, int64_t n, const float* given) : x(given) {
        if (const auto* pre = dynamic_cast<const faiss::IndexPreTransform*>(index)) {
            x = pre->apply_chain(n, given);
            if (x != given) {
                owned.reset(x);
            }
        }
    }
};

} // namespace

extern "C" {

void likeness_faiss_options(char* out, size_t capacity) {
    copy_out(faiss::get_compile_options(), out, capacity);
}

void likeness_faiss_version(char* out, size_t capacity) {
    copy_out(faiss::get_version(), out, capacity);
}

// Lets training and adding on a thread end early once the flag of that thread is set. Called once.
void likeness_enable_interrupts() {
    faiss::InterruptCallback::instance = std::make_unique<ThreadInterrupt>();
}

// `flag` may be null; it must outlive the work that the calling thread does until the next call.
void likeness_interrupt_on(const std::atomic<bool>* flag) {
    wanted_interrupt = flag;
}

struct LikenessSearch {
    size_t nprobe;
    size_t ef_search;
    // One bit a row, lowest first; rows beyond it are not wanted. Null: every row is wanted.
    const uint8_t* wanted;
    size_t wanted_rows;
    // Compare every wanted row instead of walking through a graph.
    uint8_t scan;
};

int likeness_search(const faiss::Index* index, int64_t n, const float* x, int64_t k, const LikenessSearch* how,
                    float* distances, int64_t* labels, char* error, size_t capacity) {
    return guarded(error, capacity, [&] {
        std::unique_ptr<faiss::IDSelectorBitmap> selector;
        if (how->wanted != nullptr) {
            selector = std::make_unique<faiss::IDSelectorBitmap>(how->wanted_rows, how->wanted);
        }
        const faiss::Index* inner = without_transform(index);
        faiss::SearchParameters plain;
        faiss::SearchParametersIVF ivf;
        faiss::IVFRaBitQSearchParameters ivf_rabitq;
        faiss::RaBitQSearchParameters rabitq;
        faiss::SearchParametersHNSW hnsw;
        faiss::SearchParameters* params = &plain;
        const faiss::Index* storage = nullptr;
        if (dynamic_cast<const faiss::IndexIVFRaBitQ*>(inner)) {
            ivf_rabitq.nprobe = how->nprobe;
            ivf_rabitq.qb = RABITQ_QUERY_BITS;
            params = &ivf_rabitq;
        } else if (dynamic_cast<const faiss::IndexIVF*>(inner)) {
            ivf.nprobe = how->nprobe;
            params = &ivf;
        } else if (const auto* graph = dynamic_cast<const faiss::IndexHNSW*>(inner); graph != nullptr && how->scan) {
            storage = graph->storage;
        } else if (graph != nullptr) {
            hnsw.efSearch = static_cast<int>(how->ef_search);
            params = &hnsw;
        } else if (dynamic_cast<const faiss::IndexRaBitQ*>(inner)) {
            rabitq.qb = RABITQ_QUERY_BITS;
            params = &rabitq;
        }
        params->sel = selector.get();
        // Fast-scan indexes without lists refuse parameters; there are none unless rows are selected.
        if (params == &plain && !selector) {
            params = nullptr;
        }
        const Transformed transformed(index, n, x);
        (storage != nullptr ? storage : inner)->search(n, transformed.x, k, distances, labels, params);
    });
}

// Whether a search must find its nprobe in the index: IndexIVFFastScan of Faiss 1.12 sizes its tables of residual codes
// by the index's own nprobe, whatever the search's parameters say.
int likeness_reads_own_nprobe(const faiss::Index* index) {
    return dynamic_cast<const faiss::IndexIVFFastScan*>(without_transform(index)) != nullptr;
}

// Nobody may search meanwhile.
void likeness_set_own_nprobe(faiss::Index* index, size_t nprobe) {
    if (auto* ivf = dynamic_cast<faiss::IndexIVF*>(without_transform(index))) {
        ivf->nprobe = nprobe;
    }
}

// Settings that the factory's text cannot express.
void likeness_prepare(faiss::Index* index, int ef_construction) {
    faiss::Index* inner = without_transform(index);
    if (auto* hnsw = dynamic_cast<faiss::IndexHNSW*>(inner)) {
        hnsw->hnsw.efConstruction = ef_construction;
    }
    // Codes are ordered for comparing by Hamming distance, by minutes of annealing; nothing here compares them so.
    if (auto* ivf = dynamic_cast<faiss::IndexIVFPQ*>(inner)) {
        ivf->do_polysemous_training = false;
    }
    if (auto* pq = dynamic_cast<faiss::IndexPQ*>(inner)) {
        pq->do_polysemous_training = false;
    }
}

// The list each vector belongs to. Returns 1 where the index has no lists.
int likeness_assign(const faiss::Index* index, int64_t n, const float* x, int64_t* lists, char* error, size_t capacity) {
    return guarded(error, capacity, [&] {
        const auto* ivf = dynamic_cast<const faiss::IndexIVF*>(without_transform(index));
        if (ivf == nullptr) {
            throw std::runtime_error("the index has no lists");
        }
        const Transformed transformed(index, n, x);
        ivf->quantizer->assign(n, transformed.x, lists);
    });
}

// 0 where the index has no lists.
double likeness_imbalance(const faiss::Index* index) {
    const auto* ivf = dynamic_cast<const faiss::IndexIVF*>(without_transform(index));
    return ivf != nullptr && index->ntotal > 0 ? ivf->invlists->imbalance_factor() : 0;
}

// Mean squared distance between vectors and what their codes stand for, in the space after the transform; refused by
// indexes that cannot tell.
int likeness_code_error(const faiss::Index* index, int64_t n, const float* x, double* out, char* error,
                        size_t capacity) {
    return guarded(error, capacity, [&] {
        const faiss::Index* inner = without_transform(index);
        const Transformed transformed(index, n, x);
        const faiss::Index* coder = inner;
        if (const auto* hnsw = dynamic_cast<const faiss::IndexHNSW*>(inner)) {
            coder = hnsw->storage;
        }
        std::vector<uint8_t> codes(n * coder->sa_code_size());
        std::vector<float> decoded(n * coder->d);
        coder->sa_encode(n, transformed.x, codes.data());
        coder->sa_decode(n, codes.data(), decoded.data());
        double sum = 0;
        for (size_t i = 0; i < decoded.size(); i++) {
            const double difference = static_cast<double>(decoded[i]) - transformed.x[i];
            sum += difference * difference;
        }
        *out = n > 0 ? sum / static_cast<double>(n) : 0;
    });
}

// Distances between vectors and the centroids of their lists, squared, in the mean. Refused without lists.
int likeness_list_error(const faiss::Index* index, int64_t n, const float* x, double* out, char* error,
                        size_t capacity) {
    return guarded(error, capacity, [&] {
        const auto* ivf = dynamic_cast<const faiss::IndexIVF*>(without_transform(index));
        if (ivf == nullptr) {
            throw std::runtime_error("the index has no lists");
        }
        const Transformed transformed(index, n, x);
        std::vector<int64_t> lists(n);
        std::vector<float> centroid(ivf->d);
        ivf->quantizer->assign(n, transformed.x, lists.data());
        double sum = 0;
        for (int64_t i = 0; i < n; i++) {
            ivf->quantizer->reconstruct(lists[i], centroid.data());
            for (int j = 0; j < ivf->d; j++) {
                const double difference = static_cast<double>(centroid[j]) - transformed.x[i * ivf->d + j];
                sum += difference * difference;
            }
        }
        *out = n > 0 ? sum / static_cast<double>(n) : 0;
    });
}

// Rows of a Flat index, ntotal × d; null for any other.
const float* likeness_flat_rows(const faiss::Index* index) {
    const auto* flat = dynamic_cast<const faiss::IndexFlat*>(index);
    return flat != nullptr ? flat->get_xb() : nullptr;
}

// The hash of n vectors, `bits` / 8 bytes each. Returns 1 where the index is no LSH.
int likeness_lsh_encode(const faiss::Index* index, int64_t n, const float* x, uint8_t* codes, char* error,
                        size_t capacity) {
    return guarded(error, capacity, [&] {
        const auto* lsh = dynamic_cast<const faiss::IndexLSH*>(index);
        if (lsh == nullptr) {
            throw std::runtime_error("the index is no LSH");
        }
        lsh->sa_encode(n, x, codes);
    });
}

// Reads an index with its codes left in the file, where this kind can do so.
int likeness_read_mapped(const char* path, faiss::Index** out, char* error, size_t capacity) {
    return guarded(error, capacity, [&] {
        *out = faiss::read_index(path, faiss::IO_FLAG_MMAP_IFC);
    });
}

} // extern "C"
