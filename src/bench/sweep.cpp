#include "bench/sweep.h"

#include <algorithm>

#include "core/random.h"
#include "core/text.h"

namespace thaw {
namespace {

constexpr std::size_t most_cells = 1'000'000;

/// The axis by its name on the command line.
std::string axis_name(const SweepAxis& axis) {
  if (axis.target == SweepTarget::args) return "args";
  return (axis.target == SweepTarget::environment ? "env." : "") + axis.name;
}

void put(const SweepAxis& axis, std::size_t index, SweepCell& cell) {
  const Argv& value = axis.values[index];
  switch (axis.target) {
    case SweepTarget::args:
      cell.args = value;
      break;
    case SweepTarget::parameter:
      cell.parameters.emplace_back(axis.name, value.front());
      break;
    case SweepTarget::environment:
      cell.environment.emplace_back(axis.name, value.front());
      break;
    case SweepTarget::option:
      cell.options.emplace_back(axis.name, value.front());
      break;
  }
}

/// The number of cells of a zipped sweep: that of every list in it.
Result<std::size_t> zipped_length(const Sweep& sweep) {
  const SweepAxis* first = nullptr;
  for (const SweepAxis& axis : sweep.axes) {
    if (axis.is_constant) continue;
    if (first == nullptr) first = &axis;
    if (axis.values.size() == first->values.size()) continue;
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("a zipped sweep needs lists of equal length: {} has {} values, {} has {}",
                               axis_name(*first), first->values.size(), axis_name(axis), axis.values.size()),
                   "sweep", "leave out zip to sweep over all combinations");
  }
  return first == nullptr ? 1 : first->values.size();
}

Result<std::size_t> product_length(const Sweep& sweep) {
  std::size_t cells = 1;
  for (const SweepAxis& axis : sweep.axes) {
    cells *= axis.values.size();
    if (cells > most_cells) return fail(ErrorKind::bad_usage, "the sweep has more than {} cells", most_cells);
  }
  return cells;
}

/// One pass, so that a value that looks like a mark is not replaced in its turn.
std::string fill_word(std::string_view word,
                      std::span<const std::pair<std::string, std::string>> parameters) {
  std::string filled;
  for (std::size_t at = 0; at < word.size();) {
    const auto is_here = [&](const auto& parameter) {
      const std::string_view rest = word.substr(at);
      const std::string& name = parameter.first;
      return rest.starts_with('{') && rest.substr(1).starts_with(name) &&
             rest.substr(1 + name.size()).starts_with('}');
    };
    const auto found = std::ranges::find_if(parameters, is_here);
    if (found == parameters.end()) {
      filled += word[at++];
    } else {
      filled += found->second;
      at += found->first.size() + 2;
    }
  }
  return filled;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> SweepCell::settings() const {
  std::vector<std::pair<std::string, std::string>> all;
  if (args) all.emplace_back("args", shell_join(*args));
  all.insert(all.end(), parameters.begin(), parameters.end());
  for (const auto& [name, value] : environment) all.emplace_back("env." + name, value);
  all.insert(all.end(), options.begin(), options.end());
  return all;
}

Result<> add_axis(Sweep& sweep, SweepAxis axis) {
  const auto is_same = [&](const SweepAxis& other) { return axis_name(other) == axis_name(axis); };
  if (std::ranges::any_of(sweep.axes, is_same)) {
    return fail(ErrorKind::bad_usage, "{} is swept twice", axis_name(axis));
  }
  const auto place = std::ranges::upper_bound(sweep.axes, axis.target, {}, &SweepAxis::target);
  sweep.axes.insert(place, std::move(axis));
  return {};
}

Result<std::vector<SweepCell>> expand_sweep(const Sweep& sweep, std::uint32_t suffix) {
  THAW_TRY(const std::size_t count, sweep.is_zipped ? zipped_length(sweep) : product_length(sweep));
  std::vector<SweepCell> cells(count);
  std::size_t stride = count;
  for (const SweepAxis& axis : sweep.axes) {
    if (!sweep.is_zipped) stride /= axis.values.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t position = sweep.is_zipped ? i : i / stride;
      put(axis, position % axis.values.size(), cells[i]);
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    cells[i].launch_id = fmt::format("sweep_{:04}_{:06x}", i + 1, suffix & 0xffffff);
  }
  return cells;
}

Argv fill_parameters(const Argv& args, std::span<const std::pair<std::string, std::string>> parameters) {
  Argv filled;
  for (const std::string& word : args) filled.push_back(fill_word(word, parameters));
  return filled;
}

Result<> check_parameters_used(const Sweep& sweep, const Argv& args,
                               std::span<const std::string_view> options) {
  std::vector<std::string_view> words(args.begin(), args.end());
  for (const SweepAxis& axis : sweep.axes) {
    if (axis.target != SweepTarget::args) continue;
    for (const Argv& value : axis.values) words.insert(words.end(), value.begin(), value.end());
  }
  for (const SweepAxis& axis : sweep.axes) {
    if (axis.target != SweepTarget::parameter) continue;
    const std::string mark = "{" + axis.name + "}";
    const auto has_mark = [&](std::string_view word) { return word.find(mark) != std::string_view::npos; };
    if (std::ranges::any_of(words, has_mark)) continue;
    const std::vector<std::string> known(options.begin(), options.end());
    const auto near = nearest(axis.name, known);
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("{} is swept, but {} is nowhere in the arguments", axis.name, mark), "--sweep",
                   near ? fmt::format("did you mean the option \"{}\"?", *near)
                        : fmt::format("write {} where its value belongs", mark));
  }
  return {};
}

std::vector<std::string> overridden_by(const Sweep& sweep, const SweepBase& base) {
  std::vector<std::string> warnings;
  for (const SweepAxis& axis : sweep.axes) {
    std::optional<std::string> old;
    if (axis.target == SweepTarget::args && !base.args.empty()) old = shell_join(base.args);
    if (axis.target == SweepTarget::environment || axis.target == SweepTarget::option) {
      const auto& values = axis.target == SweepTarget::option ? base.options : base.environment;
      if (const auto found = values.find(axis.name); found != values.end()) old = found->second;
    }
    if (old) warnings.push_back(fmt::format("the sweep overrides {}={}", axis_name(axis), *old));
  }
  return warnings;
}

SweepSchedule::SweepSchedule(SweepOrder order, std::size_t cells, std::uint64_t seed)
    : order_(order), seed_(seed), is_finished_(cells, false), left_(cells) {}

std::optional<std::size_t> SweepSchedule::next() {
  if (left_ == 0) return std::nullopt;
  if (order_ == SweepOrder::in_turn) {
    while (is_finished_[position_]) ++position_;
    return position_;
  }
  while (true) {
    if (position_ == block_.size()) start_block();
    const std::size_t cell = block_[position_++];
    if (!is_finished_[cell]) return cell;
  }
}

void SweepSchedule::finish(std::size_t cell) {
  if (is_finished_[cell]) return;
  is_finished_[cell] = true;
  --left_;
}

void SweepSchedule::start_block() {
  block_.clear();
  position_ = 0;
  for (std::size_t cell = 0; cell < is_finished_.size(); ++cell) {
    if (!is_finished_[cell]) block_.push_back(cell);
  }
  if (order_ == SweepOrder::random) {
    // Fisher & Yates; a stream of its own for each block keeps later blocks independent of the cells left.
    RandomStream random(seed_, "bench.sweep.order", blocks_);
    for (std::size_t i = block_.size(); i > 1; --i) std::swap(block_[i - 1], block_[random.below(i)]);
  }
  ++blocks_;
}

}  // namespace thaw
