#include "calls.hpp"

#include <cstring>
#include <stdexcept>

namespace nanotilt::tf {

CApi tensorflow;

namespace {

void require(const Status& status) {
    if (!status.ok()) {
        throw StatusHasError();
    }
}

/// Entries of a list, and bytes of a string or of all strings of a list.
struct AttributeSize {
    std::int32_t entries;
    std::int32_t bytes;
};

AttributeSize size_of(TF_OpKernelConstruction* construction, const char* name, Status& status) {
    AttributeSize size{0, 0};
    tensorflow.get_attr_size(construction, name, &size.entries, &size.bytes, status.get());
    require(status);
    return size;
}

}  // namespace

std::string string_attribute(TF_OpKernelConstruction* construction, const char* name, Status& status) {
    std::string value(static_cast<std::size_t>(size_of(construction, name, status).bytes), '\0');
    tensorflow.get_attr_string(construction, name, value.data(), value.size(), status.get());
    require(status);
    return value;
}

std::int64_t integer_attribute(TF_OpKernelConstruction* construction, const char* name, Status& status) {
    std::int64_t value = 0;
    tensorflow.get_attr_int64(construction, name, &value, status.get());
    require(status);
    return value;
}

std::vector<std::string> strings_attribute(TF_OpKernelConstruction* construction, const char* name, Status& status) {
    const AttributeSize size = size_of(construction, name, status);
    if (size.entries <= 0) {  // no room for the strings of an empty list is what TensorFlow takes for a mistake
        return {};
    }
    const auto n = static_cast<std::size_t>(size.entries);
    std::vector<char*> texts(n);
    std::vector<std::size_t> lengths(n);
    std::string storage(static_cast<std::size_t>(size.bytes), '\0');
    tensorflow.get_attr_string_list(construction, name, texts.data(), lengths.data(), size.entries, storage.data(), storage.size(),
                                    status.get());
    require(status);
    std::vector<std::string> values;
    for (std::size_t i = 0; i < n; ++i) {
        values.emplace_back(texts[i], lengths[i]);
    }
    return values;
}

std::vector<DataType> types_attribute(TF_OpKernelConstruction* construction, const char* name, Status& status) {
    const std::int32_t entries = size_of(construction, name, status).entries;
    std::vector<DataType> types(static_cast<std::size_t>(entries > 0 ? entries : 0));
    tensorflow.get_attr_type_list(construction, name, types.data(), static_cast<int>(types.size()), status.get());
    require(status);
    return types;
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

Tensor allocate_output(TF_OpKernelContext* context, int index, DataType type, std::span<const std::int64_t> shape,
                       std::size_t n_bytes, Status& status) {
    Tensor tensor(
        tensorflow.allocate_output(context, index, type, shape.data(), static_cast<int>(shape.size()), n_bytes, status.get()));
    require(status);
    return tensor;
}

}  // namespace nanotilt::tf
