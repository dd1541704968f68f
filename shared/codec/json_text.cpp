#include "shared/codec/json_text.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "shared/codec/variables.h"

namespace firesweep {
namespace {

// "FILE:LINE:COLUMN" of the byte that is `offset` bytes into the text; columns count bytes from 1.
std::string place_of(std::string_view file_name, std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (std::size_t i = 0; i < std::min(offset, text.size()); ++i) {
    ++column;
    if (text[i] == '\n') {
      ++line;
      column = 1;
    }
  }
  return std::string(file_name.empty() ? "text" : file_name) + ":" + std::to_string(line) + ":" +
         std::to_string(column);
}

// An input iterator that tells how many bytes were read.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* count) : at_(at), count_(count) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*count_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ == b.at_;
  }
  friend bool operator!=(const CountingIterator& a, const CountingIterator& b) { return !(a == b); }

 private:
  const char* at_;
  std::size_t* count_;
};

// Builds the tree from the parser's events; false ends the parse with `mistake` and its byte offset
// set.
class JsonTreeBuilder final : public nlohmann::json_sax<Json> {
 public:
  explicit JsonTreeBuilder(const std::size_t* bytes_read) : bytes_read_(bytes_read) {}

  Json take() { return std::move(root_); }
  const std::string& mistake() const { return mistake_; }
  std::size_t offset() const { return offset_; }

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& value) override {
    auto& known = keys_.back();
    if (!known.insert(value).second) return wrong("the key \"" + value + "\" occurs twice");
    if (known.size() > kMaxObjectKeys) {
      return wrong("an object has more than " + std::to_string(kMaxObjectKeys) + " keys");
    }
    key_ = std::move(value);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    // The message reads "[json.exception.…] parse error at line 1, column 2: syntax error while
    // parsing value - …".
    std::string text = error.what();
    for (const std::string_view before : {"] ", ": ", " - "}) {
      const auto at = text.find(before);
      if (at != std::string::npos && at < 80) text.erase(0, at + before.size());
    }
    mistake_ = "this is not JSON: " + text;
    offset_ = position == 0 ? 0 : position - 1;
    return false;
  }

 private:
  bool wrong(std::string mistake) {
    mistake_ = std::move(mistake);
    offset_ = *bytes_read_ == 0 ? 0 : *bytes_read_ - 1;
    return false;
  }

  Json* add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    // `key` has refused duplicates, so that no search is needed here.
    auto& members = parent.get_ref<Json::object_t&>();
    members.Container::emplace_back(key_, std::move(value));
    return &members.back().second;
  }

  bool put(Json value) {
    if (++nodes_ > kMaxTreeNodes) return wrong("the text holds too many values");
    add(std::move(value));
    return true;
  }

  bool open(Json container) {
    if (open_.size() >= static_cast<std::size_t>(kMaxTextDepth)) {
      return wrong("values are nested deeper than " + std::to_string(kMaxTextDepth));
    }
    if (++nodes_ > kMaxTreeNodes) return wrong("the text holds too many values");
    open_.push_back(add(std::move(container)));
    keys_.emplace_back();
    return true;
  }

  bool close() {
    open_.pop_back();
    keys_.pop_back();
    return true;
  }

  const std::size_t* bytes_read_;
  Json root_;
  std::vector<Json*>
      open_;  // the way from the root; a parent gains no sibling while a child is open
  std::vector<std::set<std::string>> keys_;
  std::string key_;
  std::size_t nodes_ = 0;
  std::string mistake_;
  std::size_t offset_ = 0;
};

}  // namespace

Result<Json> parse_json(std::string_view text, std::string_view file_name) {
  std::size_t bytes_read = 0;
  JsonTreeBuilder builder(&bytes_read);
  const std::span bytes(text);
  const CountingIterator begin(bytes.data(), &bytes_read);
  const CountingIterator end(bytes.data() + bytes.size(), &bytes_read);
  constexpr bool kStrict = true;
  constexpr bool kIgnoreComments = true;
  if (Json::sax_parse(begin, end, &builder, nlohmann::detail::input_format_t::json, kStrict,
                      kIgnoreComments)) {
    return builder.take();
  }
  const std::string place = place_of(file_name, text, builder.offset());
  const std::string_view rest = text.substr(std::min(builder.offset(), text.size()));
  if (const std::string variable = variable_at(rest); !variable.empty()) {
    return fail(ErrorCode::kBadInput, place,
                "found the variable " + variable + ", expected a value", kNoVariables);
  }
  return fail(ErrorCode::kBadInput, place, builder.mistake());
}

std::string dump_json(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string dump_json_lines(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace firesweep
