#include "trace/call_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "trace/listed_draws.h"

namespace thaw {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

/// A published table of shapes, in its form.
constexpr std::string_view published =
    "\xef\xbb\xbfWidth,WidthPercentile,Depth,DepthPercentile,TotalNodes,TotalNodes\n"
    "1,0.00%,1,0.00%,2,0.00%\n"
    "1,78.66%,1,12.51%,2,55.98%\n"
    "2,92.13%,2,67.96%,3,79.20%\n"
    "3,95.24%,3,86.84%,4,86.63%\n"
    "4,100.00%,4,100.00%,5,100.00%\n";

TEST(CallGraphs, OfThreeFunctionsAreAChainAndABranch) {
  const auto graphs = build_call_graphs(3, {.shape = {2, 2}}).value();
  ASSERT_THAT(graphs, SizeIs(1));
  EXPECT_THAT(graphs[0].nodes[0].successors, ElementsAre(1, 2));
  EXPECT_EQ(graphs[0].depth(), 2U);
  EXPECT_EQ(graphs[0].leaves(), 2U);
}

TEST(CallGraphs, HaveTheWidthAndDepthAskedFor) {
  const auto graphs = build_call_graphs(200, {.shape = {10, 5}}).value();
  EXPECT_GE(graphs.size(), 2U);
  for (const CallGraph& graph : graphs) {
    EXPECT_EQ(graph.leaves(), 10U);
    EXPECT_EQ(graph.depth(), 5U);
  }
}

TEST(CallGraphs, UseEachFunctionOnce) {
  std::set<FunctionIndex> used;
  const auto graphs = build_call_graphs(200, {.shape = {10, 5}}).value();
  for (const CallGraph& graph : graphs)
    for (const CallNode& node : graph.nodes) EXPECT_TRUE(used.insert(node.function).second);
}

TEST(CallGraphs, AreTreesWhoseBranchesReachTheLastStage) {
  const auto graphs = build_call_graphs(200, {.shape = {7, 4}}).value();
  for (const CallGraph& graph : graphs) {
    std::vector<int> predecessors(graph.nodes.size(), 0);
    for (const CallNode& node : graph.nodes) {
      for (const std::uint32_t next : node.successors) {
        ++predecessors[next];
        EXPECT_EQ(graph.nodes[next].stage, node.stage + 1);
      }
      EXPECT_EQ(node.successors.empty(), node.stage == 3);
    }
    for (std::size_t i = 1; i < graph.nodes.size(); ++i) EXPECT_EQ(predecessors[i], 1);
  }
}

TEST(CallGraphs, FollowTheSeed) {
  const auto shape_of = [](std::uint64_t seed) {
    std::vector<std::size_t> sizes;
    const auto graphs = build_call_graphs(2000, {.shape = {10, 5}, .seed = seed}).value();
    for (const CallGraph& graph : graphs) sizes.push_back(graph.nodes.size());
    return sizes;
  };
  EXPECT_EQ(shape_of(1), shape_of(1));
  EXPECT_NE(shape_of(1), shape_of(2));
}

TEST(CallGraphs, CanBeJoined) {
  const auto graphs = build_call_graphs(4, {.shape = {2, 2}, .has_join = true}).value();
  ASSERT_THAT(graphs, SizeIs(1));
  EXPECT_EQ(graphs[0].leaves(), 1U);
  EXPECT_EQ(graphs[0].nodes.back().predecessors, 2U);
}

TEST(CallGraphs, OfWidthOneAreChains) {
  const auto graphs = build_call_graphs(9, {.shape = {1, 3}}).value();
  ASSERT_THAT(graphs, SizeIs(3));
  for (const CallGraph& graph : graphs) EXPECT_EQ(graph.nodes.size(), 3U);
}

TEST(CallGraphs, OfAPublishedTableFillAFewFunctions) {
  const GraphShapes shapes = parse_graph_shapes(published, "dag_structure.csv").value();
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    EXPECT_FALSE(build_call_graphs(10, {.shapes = &shapes, .seed = seed})->empty());
}

TEST(CallGraphs, MakeOneChainWhenNoDrawnShapeFits) {
  const GraphShapes wide{{{100, 100}}, {{100, 100}}};
  const auto graphs = build_call_graphs(5, {.shapes = &wide}).value();
  ASSERT_THAT(graphs, SizeIs(1));
  EXPECT_EQ(graphs[0].depth(), 5U);
}

TEST(CallGraphs, RefuseAWidthOfZero) {
  EXPECT_EQ(build_call_graphs(5, {.shape = {0, 2}}).error().kind, ErrorKind::bad_usage);
}

TEST(GraphShapes, DrawDepthBeforeWidth) {
  const GraphShapes shapes = parse_graph_shapes(published, "dag_structure.csv").value();
  testing::ListedDraws draws;
  draws.uniforms = {.5, .9213};
  const GraphShape shape = shapes.draw(draws);
  EXPECT_EQ(shape.depth, 2U);
  EXPECT_EQ(shape.width, 2U);
}

TEST(GraphShapes, EndAtTheFirstHundredPercent) {
  const auto shapes = parse_graph_shapes("Width,P,Depth,P\n1,100%,1,50%\n9,100%,2,100%\n", "d.csv").value();
  EXPECT_THAT(shapes.widths, SizeIs(1));
  EXPECT_THAT(shapes.depths, SizeIs(2));
}

TEST(GraphShapes, NameTheLineOfARowThatIsNoNumber) {
  EXPECT_EQ(parse_graph_shapes("Width,P,Depth,P\n1,x,1,50%\n", "d.csv").error().where, "d.csv:2");
}

}  // namespace
}  // namespace thaw
