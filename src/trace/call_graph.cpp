#include "trace/call_graph.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"

namespace thaw {
namespace {

constexpr int most_redraws = 10;

double value_at(const std::vector<GraphShapes::Row>& rows, double percent) {
  for (const GraphShapes::Row& row : rows)
    if (row.percent >= percent) return row.value;
  return rows.empty() ? 1 : rows.back().value;
}

/// Nodes of each stage: 1, then growing to the width.
std::vector<std::uint32_t> stage_sizes(const GraphShape& shape, Draws& draws) {
  std::vector<std::uint32_t> sizes{1};
  while (sizes.size() + 1 < shape.depth) {
    const std::uint32_t last = sizes.back();
    sizes.push_back(last + static_cast<std::uint32_t>(draws.below(shape.width - last + 1)));
  }
  if (shape.depth > 1) sizes.push_back(shape.width);
  return sizes;
}

/// Adds the next stage: every node one successor, and the further ones in random shares.
void grow(CallGraph& graph, std::uint32_t first, std::uint32_t size, std::uint32_t next_size,
          FunctionIndex& next_function, Draws& draws) {
  std::uint32_t rest = next_size - size;
  const std::uint32_t stage = graph.nodes[first].stage + 1;
  for (std::uint32_t node = first; node < first + size; ++node) {
    const bool is_last = node + 1 == first + size;
    const auto share = is_last ? rest : static_cast<std::uint32_t>(draws.below(rest + 1));
    rest -= share;
    for (std::uint32_t k = 0; k <= share; ++k) {
      graph.nodes[node].successors.push_back(static_cast<std::uint32_t>(graph.nodes.size()));
      graph.nodes.push_back({next_function++, stage, 1, {}});
    }
  }
}

CallGraph build(const GraphShape& shape, bool has_join, FunctionIndex& next_function, Draws& draws) {
  CallGraph graph;
  graph.nodes.push_back({next_function++, 0, 0, {}});
  const std::vector<std::uint32_t> sizes = stage_sizes(shape, draws);
  std::uint32_t first = 0;
  for (std::size_t stage = 0; stage + 1 < sizes.size(); ++stage) {
    grow(graph, first, sizes[stage], sizes[stage + 1], next_function, draws);
    first += sizes[stage];
  }
  if (!has_join) return graph;
  const auto join = static_cast<std::uint32_t>(graph.nodes.size());
  CallNode node{next_function++, graph.nodes.back().stage + 1, 0, {}};
  for (CallNode& leaf : graph.nodes) {
    if (!leaf.successors.empty()) continue;
    leaf.successors.push_back(join);
    ++node.predecessors;
  }
  graph.nodes.push_back(std::move(node));
  return graph;
}

/// A percent such as "78.66%", or nullopt.
std::optional<double> parse_percent(std::string_view text) {
  text = trim(text);
  if (!text.empty() && text.back() == '%') text.remove_suffix(1);
  return parse_number(text);
}

Result<> append_row(std::vector<GraphShapes::Row>& rows, std::string_view value, std::string_view percent,
                    std::string_view place, std::size_t line) {
  if (!rows.empty() && rows.back().percent == 100) return {};
  if (trim(value).empty() && trim(percent).empty()) return {};
  const auto number = parse_number(trim(value));
  const auto share = parse_percent(percent);
  const double least = rows.empty() ? 0 : rows.back().percent;
  if (number && share && *number >= 1 && *number <= 1e6 && *share >= least && *share <= 100) {
    rows.push_back({*number, *share});
    return {};
  }
  return fail_at(ErrorKind::bad_input,
                 fmt::format("\"{}\" at \"{}\" is no value from 1 with a cumulative percent", value, percent),
                 fmt::format("{}:{}", place, line));
}

}  // namespace

std::size_t CallGraph::leaves() const {
  return static_cast<std::size_t>(std::count_if(
      nodes.begin(), nodes.end(), [](const CallNode& node) { return node.successors.empty(); }));
}

std::size_t CallGraph::depth() const {
  std::size_t deepest = 0;
  for (const CallNode& node : nodes) deepest = std::max<std::size_t>(deepest, node.stage + 1);
  return deepest;
}

GraphShape GraphShapes::draw(Draws& draws) const {
  GraphShape shape;
  shape.depth = static_cast<std::uint32_t>(value_at(depths, 100 * draws.uniform()));
  shape.width = static_cast<std::uint32_t>(value_at(widths, 100 * draws.uniform()));
  return shape;
}

Result<GraphShapes> parse_graph_shapes(std::string_view text, std::string_view place) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) text.remove_prefix(byte_order_mark.size());
  GraphShapes shapes;
  const auto lines = split_lines(text);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (trim(lines[i]).empty()) continue;
    const auto fields = split(lines[i], ',');
    if (fields.size() < 4) {
      return fail_at(ErrorKind::bad_input, fmt::format("4 fields are needed, got {}", fields.size()),
                     fmt::format("{}:{}", place, i + 1));
    }
    THAW_CHECK(append_row(shapes.widths, fields[0], fields[1], place, i + 1));
    THAW_CHECK(append_row(shapes.depths, fields[2], fields[3], place, i + 1));
  }
  if (shapes.widths.empty() || shapes.depths.empty())
    return fail_at(ErrorKind::bad_input, "there are no widths and depths", std::string(place));
  return shapes;
}

Result<std::vector<CallGraph>> build_call_graphs(std::size_t functions, const CallGraphOptions& options) {
  if (!options.shapes && (options.shape.width == 0 || options.shape.depth == 0)) {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("width and depth must be at least 1, got {} and {}", options.shape.width,
                               options.shape.depth),
                   "--width");
  }
  StreamDraws draws(RandomStream(options.seed, "trace.call-graphs"));
  const std::uint64_t joins = options.has_join ? 1 : 0;
  std::vector<CallGraph> graphs;
  FunctionIndex used = 0;
  while (used < functions) {
    const std::uint64_t left = functions - used;
    GraphShape shape = options.shapes ? options.shapes->draw(draws) : options.shape;
    for (int redraw = 0; options.shapes && redraw < most_redraws && shape.functions() + joins > left;
         ++redraw)
      shape = options.shapes->draw(draws);
    if (shape.functions() + joins > left) {
      if (!options.shapes || !graphs.empty() || left <= joins) break;
      shape = {1, static_cast<std::uint32_t>(left - joins)};
    }
    graphs.push_back(build(shape, options.has_join, used, draws));
  }
  return graphs;
}

}  // namespace thaw
