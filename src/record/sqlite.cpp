#include "record/sqlite.h"

#include <sqlite3.h>

#include <algorithm>

#include "core/text.h"

namespace thaw {
namespace {

tl::unexpected<Error> sqlite_failure(int code, std::string_view message, const std::string& file) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail_at(ErrorKind::environment, "another program holds the catalogue", file, "try again");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return fail_at(ErrorKind::bad_input, fmt::format("the catalogue is damaged: {}", message), file,
                     "make it anew from the run folders with thaw runs rebuild");
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return fail_at(ErrorKind::environment, fmt::format("the catalogue cannot be used: {}", message), file,
                     "check the folder's permissions and space, or set THAW_CATALOGUE to another file");
    default:
      return fail_at(ErrorKind::bad_usage, std::string(message), file);
  }
}

/// "query:line:column" of a byte offset in the statement.
std::string place_in(std::string_view sql, int offset) {
  if (offset < 0) return "query";
  const std::string_view before = sql.substr(0, static_cast<std::size_t>(offset));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  return fmt::format("query:{}:{}", line, before.size() - (before.rfind('\n') + 1) + 1);
}

int deny_all_but_reading(void*, int action, const char*, const char*, const char*, const char*) {
  const bool is_reading = action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_FUNCTION ||
                          action == SQLITE_RECURSIVE;
  return is_reading ? SQLITE_OK : SQLITE_DENY;
}

}  // namespace

void SqlStatement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

SqlStatement& SqlStatement::bind(const FieldValue& value) {
  ++bound_;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    sqlite3_bind_int64(statement_.get(), bound_, *integer);
  } else if (const auto* number = std::get_if<double>(&value)) {
    // SQLite makes NULL of NaN.
    sqlite3_bind_double(statement_.get(), bound_, *number);
  } else if (std::holds_alternative<std::monostate>(value)) {
    sqlite3_bind_null(statement_.get(), bound_);
  } else {
    const std::string text = to_text(value);
    sqlite3_bind_text(statement_.get(), bound_, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }
  return *this;
}

Result<bool> SqlStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_failure(code, sqlite3_errmsg(sqlite3_db_handle(statement_.get())), file_);
}

Result<> SqlStatement::run() {
  Result<bool> has_row = true;
  while (has_row && *has_row) has_row = step();
  sqlite3_reset(statement_.get());
  bound_ = 0;
  if (!has_row) return tl::unexpected(std::move(has_row).error());
  return {};
}

int SqlStatement::columns() const { return sqlite3_column_count(statement_.get()); }

std::string SqlStatement::column_name(int column) const {
  const char* const name = sqlite3_column_name(statement_.get(), column);
  return name != nullptr ? name : "";
}

FieldValue SqlStatement::value(int column) const {
  switch (sqlite3_column_type(statement_.get(), column)) {
    case SQLITE_NULL:
      return {};
    case SQLITE_INTEGER:
      return static_cast<std::int64_t>(sqlite3_column_int64(statement_.get(), column));
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement_.get(), column);
    default:
      break;
  }
  const void* const text = sqlite3_column_blob(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return text != nullptr ? std::string(static_cast<const char*>(text), size) : std::string();
}

void SqlDatabase::Close::operator()(sqlite3* database) const { sqlite3_close(database); }

Result<SqlDatabase> SqlDatabase::open(const Path& file, Access access, Nanos patience) {
  const int flags =
      access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  SqlDatabase database(handle, file.string());
  if (code != SQLITE_OK) return sqlite_failure(code, sqlite3_errmsg(handle), database.file_);
  sqlite3_busy_timeout(handle,
                       static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(patience).count()));
  return database;
}

Result<SqlStatement> SqlDatabase::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const char* rest = nullptr;
  const int code =
      sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &handle, &rest);
  SqlStatement statement(handle, file_);
  if (code == SQLITE_AUTH) {
    return fail_at(ErrorKind::bad_usage, "the statement does more than read", "query", "write a SELECT");
  }
  if (code == SQLITE_ERROR) {
    return fail_at(ErrorKind::bad_usage, sqlite3_errmsg(database_.get()),
                   place_in(sql, sqlite3_error_offset(database_.get())),
                   "the tables are runs and metrics; docs/formats/catalogue.md lists their columns");
  }
  if (code != SQLITE_OK) return sqlite_failure(code, sqlite3_errmsg(database_.get()), file_);
  if (handle == nullptr) return fail_at(ErrorKind::bad_usage, "the statement is empty", "query");
  const auto used = static_cast<std::size_t>(rest - sql.data());
  if (trim(sql.substr(used)).find_first_not_of("; \t\r\n") != std::string_view::npos) {
    return fail_at(ErrorKind::bad_usage, "text behind the first statement",
                   place_in(sql, static_cast<int>(used)), "give one statement at a time");
  }
  return statement;
}

Result<> SqlDatabase::execute(const std::string& sql) {
  if (const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
      code != SQLITE_OK) {
    return sqlite_failure(code, sqlite3_errmsg(database_.get()), file_);
  }
  return {};
}

void SqlDatabase::allow_only_reading() {
  sqlite3_set_authorizer(database_.get(), &deny_all_but_reading, nullptr);
}

Result<SqlTransaction> SqlTransaction::begin(SqlDatabase& database) {
  THAW_CHECK(database.execute("BEGIN IMMEDIATE"));
  return SqlTransaction(database);
}

Result<> SqlTransaction::commit() {
  THAW_CHECK(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

SqlTransaction::~SqlTransaction() {
  if (database_ != nullptr) (void)database_->execute("ROLLBACK");
}

}  // namespace thaw
