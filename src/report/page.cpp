#include "report/page.h"

#include <variant>

#include "core/text.h"

namespace thaw {
namespace {

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--ink:#1c2630;--faint:#5c6873;--line:#d5dce2;--ground:#fff;--band:#f4f6f8;--accent:#0072b2}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebef;--faint:#9aa7b2;--line:#33404b;--ground:#161c22;--band:#1e262e;--accent:#58b0ea}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem 16px 3rem;max-width:1000px;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:.5rem 0;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line)}
.answer{font-size:1.15rem;border-left:4px solid var(--accent);padding:.4rem .9rem;background:var(--band);overflow-wrap:anywhere}
.note,figcaption,caption{color:var(--faint);font-size:.9rem}
figure{margin:1.4rem 0;overflow-x:auto}
figure svg{display:block;width:100%;min-width:560px;max-width:880px;height:auto}
.scroll{overflow-x:auto;max-height:36rem;overflow-y:auto;border:1px solid var(--line)}
table{border-collapse:collapse;width:100%;font-size:.85rem;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
th{position:sticky;top:0;background:var(--band);vertical-align:bottom}
td.text,th.text{text-align:left}
th button{all:unset;cursor:pointer}
th button:focus-visible{outline:2px solid var(--accent)}
th[aria-sort=ascending] button::after{content:" ▲"}
th[aria-sort=descending] button::after{content:" ▼"}
.warnings li{margin:.3rem 0}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.2rem 1rem;font-size:.9rem}
dt{color:var(--faint)}
dd{margin:0;overflow-wrap:anywhere}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
@media(max-width:600px){dl{grid-template-columns:minmax(0,1fr)}dd{margin-bottom:.5rem}}
@media print{:root{--ink:#000;--faint:#444;--line:#bbb;--ground:#fff;--band:#fff}.scroll{max-height:none;overflow:visible;border:0}
figure,tr{break-inside:avoid}th{position:static}th button::after{content:none}table{font-size:.6rem}th,td{padding:.1rem .25rem}}
)";

/// Sorts a table by the column whose heading is pressed. Without scripts the table is as it was written.
constexpr std::string_view script = R"(
for (const table of document.querySelectorAll('table')) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const falls = head.getAttribute('aria-sort') === 'ascending';
      heads.forEach(other => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', falls ? 'descending' : 'ascending');
      const key = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
      const isNumber = !head.classList.contains('text');
      const compare = (a, b) => isNumber ? a - b : a.localeCompare(b);
      const rows = [...table.tBodies[0].rows];
      const known = rows.filter(row => key(row) !== '');
      known.sort((a, b) => compare(key(a), key(b)) * (falls ? -1 : 1));
      table.tBodies[0].append(...known, ...rows.filter(row => key(row) === ''));
    });
  });
}
)";

std::string heading(std::string_view text) { return fmt::format("<h2>{}</h2>\n", escape_markup(text)); }

std::string figure_element(const Figure& figure) {
  std::string html = fmt::format("<figure id=\"{}\">\n{}", escape_markup(figure.name), draw(figure));
  if (!figure.caption.empty()) {
    html += fmt::format("<figcaption>{}</figcaption>\n", escape_markup(figure.caption));
  }
  return html + "</figure>\n";
}

std::string shown_text(const Cell& cell, const TableColumn& column) {
  if (!cell.shown.empty()) return cell.shown;
  if (const double* number = std::get_if<double>(&cell.value)) {
    return format_significant(*number, column.digits);
  }
  return to_text(cell.value);
}

std::string table_cell(const Cell& cell, const TableColumn& column) {
  const std::string shown = escape_markup(shown_text(cell, column));
  if (column.align == Align::left) return fmt::format("<td class=\"text\">{}</td>", shown);
  return fmt::format("<td data-value=\"{}\">{}</td>", escape_markup(to_text(cell.value)), shown);
}

std::string table_element(const Table& table) {
  std::string html = "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>";
  for (const TableColumn& column : table.columns) {
    const std::string label = column.label.empty() ? column.key : column.label;
    html += fmt::format("<th scope=\"col\"{}>{}{}</th>", column.align == Align::left ? " class=\"text\"" : "",
                        escape_markup(label),
                        column.unit.empty() ? "" : fmt::format(" [{}]", escape_markup(column.unit)));
  }
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) html += table_cell(row[i], table.columns[i]);
    html += "</tr>\n";
  }
  html += "</tbody></table></div>\n";
  for (const std::string& note : table.notes) {
    html += fmt::format("<p class=\"note\">{}</p>\n", escape_markup(note));
  }
  return html;
}

std::string provenance_element(const Page& page) {
  std::string html = heading("How this was measured") + "<dl>\n";
  for (const auto& [name, value] : page.provenance) {
    const bool is_block = value.find('\n') != std::string::npos;
    html += fmt::format("<dt>{}</dt><dd>{}{}{}</dd>\n", escape_markup(name), is_block ? "<pre>" : "",
                        escape_markup(value), is_block ? "</pre>" : "");
  }
  return html + "</dl>\n";
}

}  // namespace

std::string render(const Page& page) {
  const std::string title = escape_markup(page.title);
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'; img-src data:\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n",
      title, style, title);
  html += fmt::format("<p class=\"answer\">{}</p>\n", escape_markup(page.answer));
  for (const std::string& note : page.notes) {
    html += fmt::format("<p class=\"note\">{}</p>\n", escape_markup(note));
  }
  if (!page.warnings.empty()) {
    html += heading("Warnings") + "<ul class=\"warnings\">\n";
    for (const std::string& warning : page.warnings) {
      html += fmt::format("<li>{}</li>\n", escape_markup(warning));
    }
    html += "</ul>\n";
  }
  if (!page.figures.empty()) html += heading("Figures");
  for (const Figure& figure : page.figures) html += figure_element(figure);
  for (const Table& table : page.tables) html += heading(table.title) + table_element(table);
  html += provenance_element(page);
  html += fmt::format("</main>\n<script>{}</script>\n</body>\n</html>\n", script);
  return html;
}

}  // namespace thaw
