// Inputs: start and count, int64 scalars. Attributes: recipe, the bytes that nanotilt.Recipe packs; seed, a uint64 in
// the bits of an int64. Outputs: views (count, n_views, n_bins) float32, label (count) int32, angle_rad
// (count, n_views) float32. The op is stateless: a pure function, so that TensorFlow may checkpoint it, move it to
// another process and call it from several threads at once.
#include "sample_op.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

#include "core/sampler.hpp"

namespace nanotilt::tf {
namespace {

constexpr const char* kOpName = "NanotiltSample";

/// The functions of the TensorFlow that the op is registered with. Set once, before registration.
CApi tensorflow;

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

void require(const Status& status) {
    if (!status.ok()) {
        throw StatusHasError();
    }
}

struct TensorDeleter {
    void operator()(TF_Tensor* tensor) const { tensorflow.delete_tensor(tensor); }
};
using Tensor = std::unique_ptr<TF_Tensor, TensorDeleter>;

/// What one node of a graph keeps between calls: the recipe, read once, and the seed. Immutable.
struct SampleKernel {
    Sampler sampler;
    std::uint64_t seed;
};

/// Runs `work` and turns whatever it throws into an error status: no exception may cross into TensorFlow.
template <typename Work>
bool succeeds(Status& status, Work&& work) noexcept {
    try {
        work();
        return true;
    } catch (const StatusHasError&) {
    } catch (const std::invalid_argument& error) {
        status.set(Code::invalid_argument, std::string(kOpName) + ": " + error.what());
    } catch (const std::bad_alloc&) {
        status.set(Code::resource_exhausted, "NanotiltSample: not enough memory");
    } catch (const std::exception& error) {
        status.set(Code::internal, std::string(kOpName) + ": " + error.what());
    }
    return false;
}

std::string string_attribute(TF_OpKernelConstruction* construction, const char* name, Status& status) {
    std::int32_t list_size = 0;
    std::int32_t size = 0;
    tensorflow.get_attr_size(construction, name, &list_size, &size, status.get());
    require(status);
    std::string value(static_cast<std::size_t>(size), '\0');
    tensorflow.get_attr_string(construction, name, value.data(), value.size(), status.get());
    require(status);
    return value;
}

std::uint64_t seed_attribute(TF_OpKernelConstruction* construction, Status& status) {
    std::int64_t bits = 0;
    tensorflow.get_attr_int64(construction, "seed", &bits, status.get());
    require(status);
    return static_cast<std::uint64_t>(bits);
}

void* create_kernel(TF_OpKernelConstruction* construction) {
    Status status;
    SampleKernel* kernel = nullptr;
    const bool created = succeeds(status, [&] {
        const std::string recipe = string_attribute(construction, "recipe", status);
        kernel = new SampleKernel{Sampler(recipe), seed_attribute(construction, status)};
    });
    if (!created) {
        tensorflow.fail_construction(construction, status.get());
    }
    return kernel;
}

void delete_kernel(void* kernel) {
    delete static_cast<SampleKernel*>(kernel);
}

std::int64_t scalar_input(TF_OpKernelContext* context, int index, const char* name, Status& status) {
    TF_Tensor* input = nullptr;
    tensorflow.get_input(context, index, &input, status.get());
    require(status);
    const Tensor tensor(input);
    if (tensorflow.num_dims(tensor.get()) != 0) {
        throw std::invalid_argument(std::string(name) + " must be a scalar");
    }
    std::int64_t value = 0;
    std::memcpy(&value, tensorflow.tensor_data(tensor.get()), sizeof value);
    return value;
}

/// Refuses ranges that leave the stream, and batches whose size in bytes can't be expressed.
void check_range(std::int64_t start, std::int64_t count, std::int64_t floats_per_sample) {
    constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max();
    const std::string received = ". Received: start=" + std::to_string(start) + ", count=" + std::to_string(count);
    if (start < 0) {
        throw std::invalid_argument("start must be >= 0" + received);
    }
    if (count < 0) {
        throw std::invalid_argument("count must be >= 0" + received);
    }
    if (count > 0 && count - 1 > limit - start) {
        throw std::invalid_argument("start + count must be <= 2**63" + received);
    }
    if (count > limit / (floats_per_sample * static_cast<std::int64_t>(sizeof(float)))) {
        throw std::invalid_argument("count is too large for one batch" + received);
    }
}

/// Allocates an output; every element of these outputs has four bytes.
template <std::size_t n_dimensions>
Tensor allocate(TF_OpKernelContext* context, int index, DataType type, const std::array<std::int64_t, n_dimensions>& shape,
                Status& status) {
    std::size_t n_bytes = 4;
    for (const std::int64_t length : shape) {
        n_bytes *= static_cast<std::size_t>(length);
    }
    Tensor tensor(
        tensorflow.allocate_output(context, index, type, shape.data(), static_cast<int>(n_dimensions), n_bytes, status.get()));
    require(status);
    return tensor;
}

template <typename Element>
Element* data(const Tensor& tensor) {
    return static_cast<Element*>(tensorflow.tensor_data(tensor.get()));
}

void sample(const SampleKernel& kernel, TF_OpKernelContext* context, Status& status) {
    const std::int64_t n_views = kernel.sampler.n_views();
    const std::int64_t n_bins = kernel.sampler.n_bins();
    const std::int64_t start = scalar_input(context, 0, "start", status);
    const std::int64_t count = scalar_input(context, 1, "count", status);
    check_range(start, count, n_views * n_bins);
    const Tensor views = allocate<3>(context, 0, DataType::float32, {count, n_views, n_bins}, status);
    const Tensor label = allocate<1>(context, 1, DataType::int32, {count}, status);
    const Tensor angle_rad = allocate<2>(context, 2, DataType::float32, {count, n_views}, status);
    if (count == 0) {
        return;
    }
    // One thread: tf.data calls several kernels in parallel.
    kernel.sampler.sample(kernel.seed, static_cast<std::uint64_t>(start), static_cast<std::ptrdiff_t>(count), data<float>(views),
                          data<std::int32_t>(label), data<float>(angle_rad), 1);
}

void compute(void* kernel, TF_OpKernelContext* context) {
    Status status;
    if (!succeeds(status, [&] { sample(*static_cast<const SampleKernel*>(kernel), context, status); })) {
        tensorflow.fail_computation(context, status.get());
    }
}

/// Shape functions of the C API can't read attributes, so the shapes are told in Python, by tf.ensure_shape.
void infer_shape(TF_ShapeInferenceContext* context, TF_Status* status) {
    tensorflow.set_unknown_shape(context, status);
}

void require_registered(const Status& status) {
    if (!status.ok()) {
        throw std::runtime_error("TensorFlow refuses the op " + std::string(kOpName) + ": " + status.message());
    }
}

void register_definition() {
    TF_OpDefinitionBuilder* builder = tensorflow.new_op_definition_builder(kOpName);
    tensorflow.add_attr(builder, "recipe: string");
    tensorflow.add_attr(builder, "seed: int");
    tensorflow.add_input(builder, "start: int64");
    tensorflow.add_input(builder, "count: int64");
    tensorflow.add_output(builder, "views: float");
    tensorflow.add_output(builder, "label: int32");
    tensorflow.add_output(builder, "angle_rad: float");
    tensorflow.set_shape_inference(builder, &infer_shape);
    const Status status;
    tensorflow.register_op_definition(builder, status.get());
    require_registered(status);
}

void register_kernel() {
    TF_KernelBuilder* builder = tensorflow.new_kernel_builder(kOpName, "CPU", &create_kernel, &compute, &delete_kernel);
    const Status status;
    tensorflow.register_kernel_builder(kOpName, builder, status.get());
    require_registered(status);
}

}  // namespace

void register_sample_op(const CApi& api) {
    tensorflow = api;
    register_definition();
    register_kernel();
}

}  // namespace nanotilt::tf
