// TensorFlow's C functions as an op needs them: they throw where these fill a status.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "c_api.hpp"

namespace nanotilt::tf {

/// The functions of the TensorFlow that the ops are registered with. Set once, before registration.
extern CApi tensorflow;

/// A TF_Status of this scope.
class Status {
   public:
    Status() : status_(tensorflow.new_status()) {}
    ~Status() { tensorflow.delete_status(status_); }
    Status(const Status&) = delete;
    Status& operator=(const Status&) = delete;

    [[nodiscard]] TF_Status* get() const { return status_; }
    [[nodiscard]] bool ok() const { return tensorflow.get_code(status_) == Code::ok; }
    [[nodiscard]] std::string message() const { return tensorflow.message(status_); }
    void set(Code code, const std::string& message) { tensorflow.set_status(status_, code, message.c_str()); }

   private:
    TF_Status* status_;
};

/// TensorFlow has already worded an error in the status at hand.
struct StatusHasError : std::exception {};

struct TensorDeleter {
    void operator()(TF_Tensor* tensor) const { tensorflow.delete_tensor(tensor); }
};
using Tensor = std::unique_ptr<TF_Tensor, TensorDeleter>;

// Attributes of the node that a kernel is made for. Each throws StatusHasError when there is none of this name and kind.
[[nodiscard]] std::string string_attribute(TF_OpKernelConstruction* construction, const char* name, Status& status);
[[nodiscard]] std::int64_t integer_attribute(TF_OpKernelConstruction* construction, const char* name, Status& status);
[[nodiscard]] std::vector<std::string> strings_attribute(TF_OpKernelConstruction* construction, const char* name, Status& status);
[[nodiscard]] std::vector<DataType> types_attribute(TF_OpKernelConstruction* construction, const char* name, Status& status);

/// An int64 that a call is handed. Throws std::invalid_argument when it is no scalar.
[[nodiscard]] std::int64_t scalar_input(TF_OpKernelContext* context, int index, const char* name, Status& status);

/// Memory of an output of a call.
[[nodiscard]] Tensor allocate_output(TF_OpKernelContext* context, int index, DataType type, std::span<const std::int64_t> shape,
                                     std::size_t n_bytes, Status& status);

}  // namespace nanotilt::tf
