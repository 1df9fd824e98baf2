#pragma once
// Workflows made of a trace's functions: trees of calls of a given or a published shape, and optionally a function
// that joins the branches again.

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "trace/draws.h"
#include "trace/trace.h"

namespace thaw {

/// One call. Its successors start, all at once, when every predecessor has answered.
struct CallNode {
  FunctionIndex function = 0;
  std::uint32_t stage = 0;                ///< Distance from the root.
  std::uint32_t predecessors = 0;         ///< 0 for the root, more than 1 only for a join.
  std::vector<std::uint32_t> successors;  ///< Places in CallGraph::nodes.
};

/// A workflow; nodes in breadth-first order, the root first.
struct CallGraph {
  std::vector<CallNode> nodes;
  [[nodiscard]] std::size_t leaves() const;
  /// Nodes on the longest path.
  [[nodiscard]] std::size_t depth() const;
};

/// Nodes in the last stage, and stages.
struct GraphShape {
  std::uint32_t width = 2;
  std::uint32_t depth = 2;
  /// Functions that are enough for any graph of this shape.
  [[nodiscard]] std::uint64_t functions() const { return std::uint64_t{width} * (depth - 1) + 1; }
};

/// Cumulative shares of widths and depths, as a table of published workflows gives them.
struct GraphShapes {
  struct Row {
    double value = 0;
    double percent = 0;
  };
  std::vector<Row> widths, depths;  ///< Percent never falls and ends at 100.

  /// Draws a depth, then a width: the first row whose percent reaches the draw.
  [[nodiscard]] GraphShape draw(Draws& draws) const;
};

/// Reads "Width,WidthPercentile,Depth,DepthPercentile,…" with percent signs; a pair of columns ends at its first 100 %.
/// Errors: bad_input at the line.
Result<GraphShapes> parse_graph_shapes(std::string_view text, std::string_view place);

struct CallGraphOptions {
  GraphShape shape;                     ///< Of every graph, without `shapes`.
  const GraphShapes* shapes = nullptr;  ///< Draws the shape of each graph.
  bool has_join = false;  ///< Ends every graph with one more function that waits for all leaves.
  std::uint64_t seed = default_seed;
};

/// Builds graphs of the functions 0 … functions-1 in order, each used once, until the rest are too few. Stages grow
/// from 1 to the width by uniform draws; every node has a successor in the next stage, and where that is wider, its
/// nodes take random shares of the rest, the last one all that remain. A drawn shape that needs more functions than
/// are left is drawn again up to ten times; if not one graph could be made, all functions form one chain.
/// Errors: bad_usage for a width or depth of 0.
Result<std::vector<CallGraph>> build_call_graphs(std::size_t functions, const CallGraphOptions& options);

}  // namespace thaw
