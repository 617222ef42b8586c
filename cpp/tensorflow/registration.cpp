// What happens when this library is loaded, and the C functions that it shows to Python (ctypes).
//
// Loading registers the ops, once in a process, whichever copy of this library comes first. A process without
// TensorFlow, or with one that lacks a function, loads the library all the same: it then registers nothing.
#include <atomic>
#include <exception>
#include <mutex>
#include <string>

#include "c_api.hpp"
#include "draw_op.hpp"
#include "loaded_libraries.hpp"

extern "C" {

/// Null when the ops are registered in this process, else why they are not. The text stays valid.
[[gnu::visibility("default")]] const char* nanotilt_tf_op_error();

/// Registers the ops unless that is done: for a library that was loaded before TensorFlow. Returns the same.
[[gnu::visibility("default")]] const char* nanotilt_tf_op_register();

/// The name of the op that releases up to 0.1 do not register.
[[gnu::visibility("default")]] const char* nanotilt_tf_draw_op_name();
}

namespace nanotilt::tf {
namespace {

constinit std::atomic<const char*> error_text{"its registration was not attempted"};
constinit std::mutex attempts;

/// Sets the error to a text that outlives everything, static destructors of other libraries included.
void set_error(const char* text) {
    error_text = (new std::string(text))->c_str();
}

/// Whether another loaded copy of this library, of whatever version of nanotilt, has registered its ops, and that copy has
/// `symbol`.
bool registered_by_another_copy(const char* symbol) {
    for (const std::string& path : loaded_libraries()) {
        const auto error_of = reinterpret_cast<const char* (*)()>(find_symbol(path, "nanotilt_tf_op_error"));
        if (error_of != nullptr && error_of != &nanotilt_tf_op_error && error_of() == nullptr &&
            find_symbol(path, symbol) != nullptr) {
            return true;
        }
    }
    return false;
}

void attempt() {
    static bool settled = false;
    const std::lock_guard lock(attempts);
    if (settled) {
        return;
    }
    try {
        const CApi api = find_c_api();
        settled = true;  // even if refused: TensorFlow may have got half-way, and a second time would end the process
        if (!registered_by_another_copy("nanotilt_tf_op_error")) {
            register_sample_op(api);
        }
        if (!registered_by_another_copy("nanotilt_tf_draw_op_name")) {
            register_draw_op(api);
        }
        error_text = nullptr;
    } catch (const std::exception& error) {
        set_error(error.what());
    }
}

[[gnu::constructor]] void on_load() {
    attempt();
}

}  // namespace
}  // namespace nanotilt::tf

const char* nanotilt_tf_op_error() {
    return nanotilt::tf::error_text;
}

const char* nanotilt_tf_draw_op_name() {
    return nanotilt::tf::draw_op_name;
}

const char* nanotilt_tf_op_register() {
    nanotilt::tf::attempt();
    return nanotilt_tf_op_error();
}
