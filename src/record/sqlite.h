#pragma once
// A thin layer over SQLite: values in and out as FieldValue, failures as Error.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "core/units.h"
#include "record/field_table.h"

struct sqlite3;
struct sqlite3_stmt;

namespace thaw {

/// A prepared statement. Lives no longer than its database.
class SqlStatement {
 public:
  /// Binds the next parameter, from 1.
  SqlStatement& bind(const FieldValue& value);
  /// Advances to the next row; false when there is none. Errors: as the database's.
  Result<bool> step();
  /// Runs to the end and makes the statement ready for new parameters.
  Result<> run();

  [[nodiscard]] int columns() const;
  [[nodiscard]] std::string column_name(int column) const;
  /// Binary values are given as text.
  [[nodiscard]] FieldValue value(int column) const;

 private:
  friend class SqlDatabase;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  SqlStatement(sqlite3_stmt* statement, std::string file) : statement_(statement), file_(std::move(file)) {}

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::string file_;
  int bound_ = 0;
};

class SqlDatabase {
 public:
  enum class Access { read_only, read_write };

  /// Opens the file; read_write creates it. Later steps wait up to `patience` for locks of other programs.
  /// Errors: environment (cannot be opened), bad_input (not a database, damaged).
  static Result<SqlDatabase> open(const Path& file, Access access, Nanos patience = std::chrono::seconds(2));

  /// Prepares one statement. Errors: bad_usage at "query:line:column"; also for text behind the statement.
  Result<SqlStatement> prepare(std::string_view sql);
  /// Runs statements without parameters or results. Errors: as prepare and step.
  Result<> execute(const std::string& sql);
  /// From here on, statements may only read.
  void allow_only_reading();
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  SqlDatabase(sqlite3* database, std::string file) : database_(database), file_(std::move(file)) {}

  std::unique_ptr<sqlite3, Close> database_;
  std::string file_;
};

/// Everything between construction and commit() happens at once, or not at all.
class SqlTransaction {
 public:
  /// Takes the write lock now, so that a later step cannot fail for want of it.
  static Result<SqlTransaction> begin(SqlDatabase& database);
  Result<> commit();
  SqlTransaction(SqlTransaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  SqlTransaction& operator=(SqlTransaction&&) = delete;
  ~SqlTransaction();

 private:
  explicit SqlTransaction(SqlDatabase& database) : database_(&database) {}
  SqlDatabase* database_;
};

}  // namespace thaw
