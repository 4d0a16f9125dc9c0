package e2e

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
)

// Columns of the table: what was asked.
var Columns = []string{"CREATE", "UPDATE", "DELETE", "audit"}

// Table counts, by policy and by what was asked, how often the cluster and guard agreed. It can be used by several
// goroutines.
type Table struct {
	mu   sync.Mutex
	rows map[string]*Row
}

// Row is one policy's part of a Table.
type Row struct {
	table  *Table
	cells  map[string]*cell
	notes  []string
	worded int
}

type cell struct{ asked, agreed, skipped int }

// NewTable is empty.
func NewTable() *Table { return &Table{rows: map[string]*Row{}} }

// Row of a policy.
func (t *Table) Row(id string) *Row {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows[id] == nil {
		t.rows[id] = &Row{table: t, cells: map[string]*cell{}}
	}
	return t.rows[id]
}

func (r *Row) cell(column string) *cell {
	if r.cells[column] == nil {
		r.cells[column] = &cell{}
	}
	return r.cells[column]
}

// Asked counts one answer.
func (r *Row) Asked(column string, agreed bool) {
	r.table.mu.Lock()
	defer r.table.mu.Unlock()
	r.cell(column).asked++
	if agreed {
		r.cell(column).agreed++
	}
}

// Skipped counts a case that could not be asked so, and says why.
func (r *Row) Skipped(column, name, reason string) {
	r.table.mu.Lock()
	defer r.table.mu.Unlock()
	r.cell(column).skipped++
	r.notes = append(r.notes, fmt.Sprintf("%s %s: %s", column, name, reason))
}

// Reworded counts a case whose message in the cluster is another one than in the case, since the API server filled in
// defaults or left out what a request cannot set; guard says the same about what the API server has.
func (r *Row) Reworded() {
	r.table.mu.Lock()
	defer r.table.mu.Unlock()
	r.worded++
}

// Print writes the table, and below it what was skipped and why.
func (t *Table) Print(out io.Writer) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "agreed/asked (skipped)\t%s\tother words\n", strings.Join(Columns, "\t"))
	var notes []string
	total := map[string]*cell{}
	for _, id := range slices.Sorted(maps.Keys(t.rows)) {
		row := t.rows[id]
		fmt.Fprint(w, id)
		for _, column := range Columns {
			c := row.cell(column)
			if total[column] == nil {
				total[column] = &cell{}
			}
			total[column].add(*c)
			fmt.Fprintf(w, "\t%s", c)
		}
		fmt.Fprintf(w, "\t%d\n", row.worded)
		for _, note := range row.notes {
			notes = append(notes, id+" "+note)
		}
	}
	fmt.Fprint(w, "all")
	for _, column := range Columns {
		fmt.Fprintf(w, "\t%s", total[column])
	}
	fmt.Fprintln(w, "\t")
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%s\nskipped:\n%s\n", text.String(), strings.Join(notes, "\n"))
	return err
}

func (c *cell) add(other cell) {
	c.asked += other.asked
	c.agreed += other.agreed
	c.skipped += other.skipped
}

func (c *cell) String() string {
	switch {
	case c == nil || c.asked+c.skipped == 0:
		return "-"
	case c.skipped > 0:
		return fmt.Sprintf("%d/%d (%d)", c.agreed, c.asked, c.skipped)
	default:
		return fmt.Sprintf("%d/%d", c.agreed, c.asked)
	}
}
