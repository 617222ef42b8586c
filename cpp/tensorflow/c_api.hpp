// The part of TensorFlow's C API that the op needs, found by name in the TensorFlow that is already loaded.
//
// Declared here rather than included, so that one binary, built without TensorFlow, serves every TensorFlow that has
// these functions (tensorflow/c/kernels.h, ops.h, tf_status.h and tf_tensor.h).
#pragma once

#include <cstddef>
#include <cstdint>

struct TF_KernelBuilder;
struct TF_OpDefinitionBuilder;
struct TF_OpKernelConstruction;
struct TF_OpKernelContext;
struct TF_ShapeInferenceContext;
struct TF_Status;
struct TF_Tensor;

namespace nanotilt::tf {

/// Values of TF_DataType; nanotilt::Dtype has those that outputs have. The C functions take plain C enumerations, hence the
/// underlying type int.
enum class DataType : int {};

/// Values of TF_Code.
enum class Code : int { ok = 0, invalid_argument = 3, resource_exhausted = 8, internal = 13 };

using CreateKernel = void* (*)(TF_OpKernelConstruction*);
using ComputeKernel = void (*)(void*, TF_OpKernelContext*);
using DeleteKernel = void (*)(void*);
using InferShape = void (*)(TF_ShapeInferenceContext*, TF_Status*);

/// The functions, each named as in TensorFlow without its prefix.
struct CApi {
    // tf_status.h
    TF_Status* (*new_status)();
    void (*delete_status)(TF_Status*);
    void (*set_status)(TF_Status*, Code, const char* message);
    Code (*get_code)(const TF_Status*);
    const char* (*message)(const TF_Status*);
    // tf_tensor.h
    void* (*tensor_data)(const TF_Tensor*);
    int (*num_dims)(const TF_Tensor*);
    void (*delete_tensor)(TF_Tensor*);
    // ops.h
    TF_OpDefinitionBuilder* (*new_op_definition_builder)(const char* op_name);
    void (*add_attr)(TF_OpDefinitionBuilder*, const char* specification);
    void (*add_input)(TF_OpDefinitionBuilder*, const char* specification);
    void (*add_output)(TF_OpDefinitionBuilder*, const char* specification);
    void (*set_shape_inference)(TF_OpDefinitionBuilder*, InferShape);
    void (*register_op_definition)(TF_OpDefinitionBuilder*, TF_Status*);
    void (*set_unknown_shape)(TF_ShapeInferenceContext*, TF_Status*);
    // kernels.h
    TF_KernelBuilder* (*new_kernel_builder)(const char* op_name, const char* device, CreateKernel, ComputeKernel, DeleteKernel);
    void (*register_kernel_builder)(const char* name, TF_KernelBuilder*, TF_Status*);
    void (*get_attr_size)(TF_OpKernelConstruction*, const char* name, std::int32_t* list_size, std::int32_t* total_size,
                          TF_Status*);
    void (*get_attr_string)(TF_OpKernelConstruction*, const char* name, char* value, std::size_t max_length, TF_Status*);
    void (*get_attr_int64)(TF_OpKernelConstruction*, const char* name, std::int64_t* value, TF_Status*);
    void (*get_attr_string_list)(TF_OpKernelConstruction*, const char* name, char** values, std::size_t* lengths, int max_values,
                                 void* storage, std::size_t storage_size, TF_Status*);
    void (*get_attr_type_list)(TF_OpKernelConstruction*, const char* name, DataType* values, int max_values, TF_Status*);
    void (*fail_construction)(TF_OpKernelConstruction*, TF_Status*);
    void (*get_input)(TF_OpKernelContext*, int index, TF_Tensor**, TF_Status*);
    TF_Tensor* (*allocate_output)(TF_OpKernelContext*, int index, DataType, const std::int64_t* dimensions, int n_dimensions,
                                  std::size_t n_bytes, TF_Status*);
    void (*fail_computation)(TF_OpKernelContext*, TF_Status*);
};

/// Looks every function up. Throws std::runtime_error that names the first one that is missing.
[[nodiscard]] CApi find_c_api();

}  // namespace nanotilt::tf
