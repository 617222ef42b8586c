#include "c_api.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "loaded_libraries.hpp"

namespace nanotilt::tf {
namespace {

bool may_hold_tensorflow(const std::string& path) {
    return path.find("tensorflow") != std::string::npos;
}

/// Looks symbols up in the libraries whose path speaks of TensorFlow, then among the global symbols.
///
/// Python loads TensorFlow privately, so that its symbols are seldom global. Which of its libraries has them differs
/// between versions and platforms (libtensorflow_framework.so.2, libtensorflow_framework.2.dylib,
/// _pywrap_tensorflow_internal.so), hence the search through all of them.
class SymbolFinder {
   public:
    SymbolFinder() : paths_(loaded_libraries()) {
        std::erase_if(paths_, [](auto& p) { return !may_hold_tensorflow(p); });
    }

    template <typename Function>
    void find(Function*& function, const char* symbol) {
        function = reinterpret_cast<Function*>(address_of(symbol));
    }

   private:
    void* address_of(const char* symbol) {
        for (auto path = paths_.begin(); path != paths_.end(); ++path) {
            if (void* address = find_symbol(*path, symbol); address != nullptr) {
                std::iter_swap(paths_.begin(), path);  // its neighbours are likely to be in the same library
                return address;
            }
        }
        if (void* address = find_global_symbol(symbol); address != nullptr) {
            return address;
        }
        const char* reason =
            paths_.empty() ? "TensorFlow is not loaded in this process" : "the TensorFlow loaded in this process lacks it";
        throw std::runtime_error("TensorFlow's C function " + std::string(symbol) + " was not found: " + reason);
    }

    std::vector<std::string> paths_;
};

}  // namespace

CApi find_c_api() {
    SymbolFinder symbols;
    CApi api{};
    symbols.find(api.new_status, "TF_NewStatus");
    symbols.find(api.delete_status, "TF_DeleteStatus");
    symbols.find(api.set_status, "TF_SetStatus");
    symbols.find(api.get_code, "TF_GetCode");
    symbols.find(api.message, "TF_Message");
    symbols.find(api.tensor_data, "TF_TensorData");
    symbols.find(api.num_dims, "TF_NumDims");
    symbols.find(api.delete_tensor, "TF_DeleteTensor");
    symbols.find(api.new_op_definition_builder, "TF_NewOpDefinitionBuilder");
    symbols.find(api.add_attr, "TF_OpDefinitionBuilderAddAttr");
    symbols.find(api.add_input, "TF_OpDefinitionBuilderAddInput");
    symbols.find(api.add_output, "TF_OpDefinitionBuilderAddOutput");
    symbols.find(api.set_shape_inference, "TF_OpDefinitionBuilderSetShapeInferenceFunction");
    symbols.find(api.register_op_definition, "TF_RegisterOpDefinition");
    symbols.find(api.set_unknown_shape, "TF_ShapeInferenceContextSetUnknownShape");
    symbols.find(api.new_kernel_builder, "TF_NewKernelBuilder");
    symbols.find(api.register_kernel_builder, "TF_RegisterKernelBuilder");
    symbols.find(api.get_attr_size, "TF_OpKernelConstruction_GetAttrSize");
    symbols.find(api.get_attr_string, "TF_OpKernelConstruction_GetAttrString");
    symbols.find(api.get_attr_int64, "TF_OpKernelConstruction_GetAttrInt64");
    symbols.find(api.get_attr_string_list, "TF_OpKernelConstruction_GetAttrStringList");
    symbols.find(api.get_attr_type_list, "TF_OpKernelConstruction_GetAttrTypeList");
    symbols.find(api.fail_construction, "TF_OpKernelConstruction_Failure");
    symbols.find(api.get_input, "TF_GetInput");
    symbols.find(api.allocate_output, "TF_AllocateOutput");
    symbols.find(api.fail_computation, "TF_OpKernelContext_Failure");
    return api;
}

}  // namespace nanotilt::tf
