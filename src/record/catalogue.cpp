#include "record/catalogue.h"

#include <algorithm>

#include "core/text.h"
#include "record/json_text.h"

namespace thaw {
namespace {

constexpr std::int64_t schema_version = 1;

std::string_view sql_type(FieldType type) {
  switch (type) {
    case FieldType::integer:
    case FieldType::boolean:
      return "INTEGER";
    case FieldType::number:
      return "REAL";
    default:
      return "TEXT";
  }
}

template <class Record>
std::string column_definitions(FieldTable<Record> table) {
  std::string text;
  for (const auto& field : table) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", field.name, sql_type(field.type));
  }
  return text;
}

/// INSERT OR REPLACE with one parameter for each field.
template <class Record>
std::string insertion(std::string_view into, FieldTable<Record> table) {
  std::string names, marks;
  for (const auto& field : table) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", field.name);
    marks += marks.empty() ? "?" : ", ?";
  }
  return fmt::format("INSERT OR REPLACE INTO {} ({}) VALUES ({})", into, names, marks);
}

template <class Record>
void bind_all(SqlStatement& statement, FieldTable<Record> table, const Record& record) {
  for (const auto& field : table) statement.bind(field.get(record));
}

/// Reads the columns of a row one after the other.
class RowReader {
 public:
  explicit RowReader(const SqlStatement& row) : row_(row) {}
  std::string text() { return to_text(row_.value(column_++)); }
  std::optional<std::int64_t> integer() {
    const FieldValue value = row_.value(column_++);
    const auto* found = std::get_if<std::int64_t>(&value);
    return found != nullptr ? std::optional(*found) : std::nullopt;
  }
  std::optional<double> number() {
    const FieldValue value = row_.value(column_++);
    const auto* found = std::get_if<double>(&value);
    return found != nullptr ? std::optional(*found) : std::nullopt;
  }

 private:
  const SqlStatement& row_;
  int column_ = 0;
};

/// In the order of catalogue_run_fields().
CatalogueEntry read_entry(const SqlStatement& statement) {
  RowReader row(statement);
  CatalogueEntry entry;
  for (std::string* text : {&entry.path, &entry.id, &entry.command, &entry.experiment, &entry.task,
                            &entry.status, &entry.started, &entry.ended}) {
    *text = row.text();
  }
  entry.repetitions = row.integer();
  entry.failed = row.integer();
  for (std::string* text : {&entry.stopped_by, &entry.host, &entry.git_commit, &entry.command_line}) {
    *text = row.text();
  }
  entry.document_time_ns = row.integer().value_or(0);
  return entry;
}

tl::unexpected<Error> several(std::string_view which, std::span<const CatalogueEntry> runs) {
  std::vector<std::string> names;
  for (const CatalogueEntry& run : runs.first(std::min<std::size_t>(runs.size(), 5))) {
    names.push_back(fmt::format("{} ({})", run.id, run.path));
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("{} runs are called \"{}\"", runs.size(), which), {},
                 "give more of the id, or the folder: " + join(names, ", "));
}

/// Marks the characters that LIKE would read as patterns.
std::string like_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

}  // namespace

Path Catalogue::default_path(const Path& runs_root) {
  if (const auto named = environment_variable("THAW_CATALOGUE")) return *named;
  return runs_root / "catalogue.sqlite";
}

Result<Catalogue> Catalogue::open(const Path& file, Nanos patience) {
  std::error_code ignored;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
  THAW_TRY(SqlDatabase database, SqlDatabase::open(file, SqlDatabase::Access::read_write, patience));
  // The folders are the truth, so a power cut may cost the catalogue; it need not wait for the disk.
  THAW_CHECK(database.execute("PRAGMA synchronous = OFF"));
  Catalogue catalogue(std::move(database));
  THAW_CHECK(catalogue.create_tables());
  return catalogue;
}

Result<> Catalogue::create_tables() {
  const auto version = [&]() -> Result<std::int64_t> {
    THAW_TRY(SqlStatement statement, database_.prepare("PRAGMA user_version"));
    THAW_TRY(const bool has_row, statement.step());
    return has_row ? RowReader(statement).integer().value_or(0) : 0;
  };
  THAW_TRY(const std::int64_t found, version());
  if (found == schema_version) return {};
  if (found > schema_version) {
    return fail_at(
        ErrorKind::bad_input,
        fmt::format("the catalogue has layout {}, this program knows up to {}", found, schema_version),
        database_.file(), "use the newer Thaw, or set THAW_CATALOGUE to another file");
  }
  THAW_TRY(SqlTransaction transaction, SqlTransaction::begin(database_));
  THAW_CHECK(
      database_.execute(fmt::format("CREATE TABLE IF NOT EXISTS runs ({}, PRIMARY KEY (path));"
                                    "CREATE TABLE IF NOT EXISTS metrics ({});"
                                    "CREATE INDEX IF NOT EXISTS runs_by_start ON runs (started);"
                                    "CREATE INDEX IF NOT EXISTS runs_by_id ON runs (id);"
                                    "CREATE INDEX IF NOT EXISTS metrics_by_run ON metrics (path);"
                                    "PRAGMA user_version = {}",
                                    column_definitions(catalogue_run_fields()),
                                    column_definitions(catalogue_metric_fields()), schema_version)));
  return transaction.commit();
}

Result<> Catalogue::put(const CatalogueEntry& entry) {
  THAW_TRY(SqlTransaction transaction, SqlTransaction::begin(database_));
  THAW_CHECK(insert(entry));
  return transaction.commit();
}

Result<> Catalogue::insert(const CatalogueEntry& entry) {
  THAW_CHECK(forget(entry.path));
  THAW_TRY(SqlStatement run, database_.prepare(insertion("runs", catalogue_run_fields())));
  bind_all(run, catalogue_run_fields(), entry);
  THAW_CHECK(run.run());
  THAW_TRY(SqlStatement row, database_.prepare(insertion("metrics", catalogue_metric_fields())));
  for (const CatalogueMetric& metric : entry.metrics) {
    bind_all(row, catalogue_metric_fields(), CatalogueMetricRow{entry, metric});
    THAW_CHECK(row.run());
  }
  return {};
}

Result<> Catalogue::forget(const std::string& path) {
  for (const char* sql : {"DELETE FROM metrics WHERE path = ?", "DELETE FROM runs WHERE path = ?"}) {
    THAW_TRY(SqlStatement statement, database_.prepare(sql));
    THAW_CHECK(statement.bind(path).run());
  }
  return {};
}

Result<std::vector<CatalogueEntry>> Catalogue::select(const std::string& condition,
                                                      std::span<const FieldValue> values) {
  std::string names;
  for (const auto& field : catalogue_run_fields()) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", field.name);
  }
  THAW_TRY(SqlStatement statement,
           database_.prepare(fmt::format("SELECT {} FROM runs WHERE {}", names, condition)));
  for (const FieldValue& value : values) statement.bind(value);
  std::vector<CatalogueEntry> runs;
  for (;;) {
    THAW_TRY(const bool has_row, statement.step());
    if (!has_row) break;
    runs.push_back(read_entry(statement));
  }
  for (CatalogueEntry& run : runs) THAW_CHECK(read_metrics(run));
  return runs;
}

Result<> Catalogue::read_metrics(CatalogueEntry& entry) {
  THAW_TRY(
      SqlStatement statement,
      database_.prepare("SELECT cell, metric, unit, n, min, median, mean, stddev, p95, p99, max, ci95_low, "
                        "ci95_high FROM metrics WHERE path = ? ORDER BY rowid"));
  statement.bind(entry.path);
  for (;;) {
    THAW_TRY(const bool has_row, statement.step());
    if (!has_row) return {};
    RowReader row(statement);
    CatalogueMetric metric;
    for (std::string* text : {&metric.cell, &metric.metric, &metric.unit}) *text = row.text();
    metric.n = row.integer();
    for (auto* number : {&metric.min, &metric.median, &metric.mean, &metric.stddev, &metric.p95, &metric.p99,
                         &metric.max, &metric.ci95_low, &metric.ci95_high}) {
      *number = row.number();
    }
    entry.metrics.push_back(std::move(metric));
  }
}

Result<std::vector<CatalogueEntry>> Catalogue::list(const CatalogueFilter& filter) {
  std::string condition = "1";
  std::vector<FieldValue> values;
  const auto require = [&](std::string_view test, const std::string& value) {
    if (value.empty()) return;
    condition += fmt::format(" AND {} ?", test);
    values.emplace_back(value);
  };
  require("experiment =", filter.experiment);
  require("task =", filter.task);
  require("host =", filter.host);
  require("status =", filter.status);
  require("started >=", filter.since);
  condition += " ORDER BY started DESC, path";
  if (filter.limit > 0) condition += fmt::format(" LIMIT {}", filter.limit);
  return select(condition, values);
}

Result<CatalogueEntry> Catalogue::show(std::string_view which) {
  if (which == "latest") {
    THAW_TRY(std::vector<CatalogueEntry> newest, list({.limit = 1}));
    if (!newest.empty()) return std::move(newest.front());
    return fail_at(ErrorKind::bad_usage, "the catalogue holds no run yet", database_.file(),
                   "measure something with thaw bench, or read the folders again with thaw runs rebuild");
  }
  std::error_code error;
  const Path folder = std::filesystem::weakly_canonical(Path(which), error);
  const std::string pattern = like_escaped(which);
  const std::vector<std::pair<std::string, std::string>> attempts = {
      {"path = ?", folder.string()},
      {"id = ?", std::string(which)},
      {"path LIKE ? ESCAPE '\\'", "%/" + pattern},
      {"id LIKE ? ESCAPE '\\'", pattern + "%"}};
  for (const auto& [condition, value] : attempts) {
    const std::vector<FieldValue> values = {FieldValue(value)};
    THAW_TRY(std::vector<CatalogueEntry> found, select(condition, values));
    if (found.size() > 1) return several(which, found);
    if (!found.empty()) return std::move(found.front());
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("no run is called \"{}\"", which), database_.file(),
                 "thaw runs list shows the runs; thaw runs rebuild reads the folders again");
}

Result<Table> Catalogue::query(std::string_view sql) {
  // Another connection: what it forbids and forgets does not touch this one.
  THAW_TRY(SqlDatabase reader, SqlDatabase::open(database_.file(), SqlDatabase::Access::read_only));
  reader.allow_only_reading();
  THAW_TRY(SqlStatement statement, reader.prepare(sql));
  Table table;
  for (int column = 0; column < statement.columns(); ++column) {
    table.columns.push_back({.key = statement.column_name(column), .digits = 6});
  }
  for (;;) {
    THAW_TRY(const bool has_row, statement.step());
    if (!has_row) break;
    std::vector<Cell> cells;
    for (int column = 0; column < statement.columns(); ++column) {
      FieldValue value = statement.value(column);
      if (std::holds_alternative<std::string>(value)) {
        table.columns[static_cast<std::size_t>(column)].align = Align::left;
      }
      cells.emplace_back(std::move(value), "");
    }
    table.add(std::move(cells));
  }
  return table;
}

Result<> enter_into_catalogue(const Path& runs_root, const Path& folder) {
  THAW_TRY(const nlohmann::ordered_json document, read_json_file(folder / "run.json"));
  return enter_into_catalogue(runs_root, folder, document);
}

Result<> enter_into_catalogue(const Path& runs_root, const Path& folder,
                              const nlohmann::ordered_json& document) {
  THAW_TRY(const CatalogueEntry entry, catalogue_entry(folder, document));
  THAW_TRY(Catalogue catalogue, Catalogue::open(Catalogue::default_path(runs_root)));
  return catalogue.put(entry);
}

}  // namespace thaw
