#include "draw_op.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "calls.hpp"
#include "core/program/sampler.hpp"

namespace nanotilt::tf {
namespace {

constexpr const char* sample_op_name = "NanotiltSample";

DataType type_of(Dtype dtype) {
    return DataType{static_cast<int>(dtype)};
}

/// What one node of a graph keeps between calls: the recipe, read once, the seed, and the outputs it gives. Immutable.
class DrawKernel {
   public:
    DrawKernel(const std::string& recipe, std::uint64_t seed, const std::vector<std::string>& names)
        : sampler_(recipe), seed_(seed) {
        for (const std::string& name : names) {
            const std::size_t i = sampler_.spec().index_of(name);
            if (std::find(given_.begin(), given_.end(), i) != given_.end()) {
                throw std::invalid_argument("outputs must differ. Received twice: " + name);
            }
            given_.push_back(i);
        }
    }

    /// Refuses types that are not those of the outputs, one each.
    void expect_types(const std::vector<DataType>& types) const {
        if (types.size() != given_.size()) {
            throw std::invalid_argument("output_types must have a type for each of the outputs. Received: " +
                                        std::to_string(types.size()) + " types, " + std::to_string(given_.size()) + " outputs");
        }
        for (std::size_t i = 0; i < types.size(); ++i) {
            const Output& output = sampler_.spec().outputs[given_[i]];
            if (types[i] != type_of(output.dtype)) {
                throw std::invalid_argument("output_types must have " + std::string(name_of(output.dtype)) + " for " + output.name +
                                            ". Received: type " + std::to_string(static_cast<int>(types[i])));
            }
        }
    }

    void draw(TF_OpKernelContext* context, Status& status) const {
        const std::int64_t start = scalar_input(context, 0, "start", status);
        const std::int64_t count = scalar_input(context, 1, "count", status);
        check_range(start, count);
        std::vector<void*> pointers(sampler_.spec().outputs.size(), nullptr);
        std::vector<Tensor> tensors;
        for (std::size_t i = 0; i < given_.size(); ++i) {
            const Output& output = sampler_.spec().outputs[given_[i]];
            std::vector<std::int64_t> shape{count};
            shape.insert(shape.end(), output.shape.begin(), output.shape.end());
            tensors.push_back(allocate_output(context, static_cast<int>(i), type_of(output.dtype), shape,
                                              output.bytes() * static_cast<std::size_t>(count), status));
            pointers[given_[i]] = tensorflow.tensor_data(tensors.back().get());
        }
        if (count > 0) {
            // One thread: tf.data calls several kernels in parallel.
            sampler_.sample(seed_, static_cast<std::uint64_t>(start), static_cast<std::ptrdiff_t>(count), pointers, 1);
        }
    }

   private:
    /// Refuses ranges that leave the stream, and batches whose size in bytes can't be expressed.
    void check_range(std::int64_t start, std::int64_t count) const {
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
        for (const std::size_t i : given_) {
            if (count > limit / static_cast<std::int64_t>(sampler_.spec().outputs[i].bytes())) {
                throw std::invalid_argument("count is too large for one batch" + received);
            }
        }
    }

    Sampler sampler_;
    std::uint64_t seed_;
    std::vector<std::size_t> given_;  // of each output of the node, where it stands in the spec
};

/// Runs `work` and turns whatever it throws into an error status: no exception may cross into TensorFlow.
template <typename Work>
bool succeeds(const char* op, Status& status, Work&& work) noexcept {
    try {
        work();
        return true;
    } catch (const StatusHasError&) {
    } catch (const std::invalid_argument& error) {
        status.set(Code::invalid_argument, std::string(op) + ": " + error.what());
    } catch (const std::bad_alloc&) {
        status.set(Code::resource_exhausted, "nanotilt: not enough memory");
    } catch (const std::exception& error) {
        status.set(Code::internal, std::string(op) + ": " + error.what());
    }
    return false;
}

DrawKernel* new_kernel(TF_OpKernelConstruction* construction, const std::vector<std::string>& names, Status& status) {
    const std::string recipe = string_attribute(construction, "recipe", status);
    const auto seed = static_cast<std::uint64_t>(integer_attribute(construction, "seed", status));
    return new DrawKernel(recipe, seed, names);
}

void* create_draw_kernel(TF_OpKernelConstruction* construction) {
    Status status;
    std::unique_ptr<DrawKernel> kernel;
    const bool created = succeeds(draw_op_name, status, [&] {
        kernel.reset(new_kernel(construction, strings_attribute(construction, "outputs", status), status));
        kernel->expect_types(types_attribute(construction, "output_types", status));
    });
    if (!created) {
        tensorflow.fail_construction(construction, status.get());
        return nullptr;
    }
    return kernel.release();
}

void* create_sample_kernel(TF_OpKernelConstruction* construction) {
    Status status;
    DrawKernel* kernel = nullptr;
    if (!succeeds(sample_op_name, status, [&] { kernel = new_kernel(construction, {"views", "label", "angle_rad"}, status); })) {
        tensorflow.fail_construction(construction, status.get());
    }
    return kernel;
}

void delete_kernel(void* kernel) {
    delete static_cast<DrawKernel*>(kernel);
}

void compute(const char* op, const void* kernel, TF_OpKernelContext* context) {
    Status status;
    if (!succeeds(op, status, [&] { static_cast<const DrawKernel*>(kernel)->draw(context, status); })) {
        tensorflow.fail_computation(context, status.get());
    }
}

void compute_draw(void* kernel, TF_OpKernelContext* context) {
    compute(draw_op_name, kernel, context);
}

void compute_sample(void* kernel, TF_OpKernelContext* context) {
    compute(sample_op_name, kernel, context);
}

/// Shape functions of the C API can read single types only, neither strings nor lists, so the shapes are told in Python.
void infer_shape(TF_ShapeInferenceContext* context, TF_Status* status) {
    tensorflow.set_unknown_shape(context, status);
}

void require_registered(const char* op, const Status& status) {
    if (!status.ok()) {
        throw std::runtime_error("TensorFlow refuses the op " + std::string(op) + ": " + status.message());
    }
}

void register_op(const char* op, const std::vector<const char*>& attributes, const std::vector<const char*>& outputs,
                 CreateKernel create, ComputeKernel computes) {
    TF_OpDefinitionBuilder* definition = tensorflow.new_op_definition_builder(op);
    tensorflow.add_attr(definition, "recipe: string");
    tensorflow.add_attr(definition, "seed: int");
    for (const char* attribute : attributes) {
        tensorflow.add_attr(definition, attribute);
    }
    tensorflow.add_input(definition, "start: int64");
    tensorflow.add_input(definition, "count: int64");
    for (const char* output : outputs) {
        tensorflow.add_output(definition, output);
    }
    tensorflow.set_shape_inference(definition, &infer_shape);
    const Status status;
    tensorflow.register_op_definition(definition, status.get());
    require_registered(op, status);
    TF_KernelBuilder* kernel = tensorflow.new_kernel_builder(op, "CPU", create, computes, &delete_kernel);
    tensorflow.register_kernel_builder(op, kernel, status.get());
    require_registered(op, status);
}

}  // namespace

void register_draw_op(const CApi& api) {
    tensorflow = api;
    register_op(draw_op_name, {"outputs: list(string) >= 1", "output_types: list(type) >= 1"}, {"output: output_types"},
                &create_draw_kernel, &compute_draw);
}

void register_sample_op(const CApi& api) {
    tensorflow = api;
    register_op(sample_op_name, {}, {"views: float", "label: int32", "angle_rad: float"}, &create_sample_kernel, &compute_sample);
}

}  // namespace nanotilt::tf
