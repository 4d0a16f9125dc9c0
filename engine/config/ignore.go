package config

import (
	"path"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/data-guard/guard/engine/object"
)

// Ignores says whether a file or folder that was come upon below root is passed over, and where the file says so. Both are
// named from the working directory. A pattern that matches a folder takes all that is in it; one that ends in a slash
// matches folders only. Someone has named root: what would ignore it does not count below it.
func (c *Config) Ignores(root, name string, folder bool) (object.Place, bool) {
	within, ok := c.inside(name)
	if !ok {
		return object.Place{}, false
	}
	named, spokenFor := c.inside(root)
	for i, glob := range c.Ignore {
		if ignores(glob, within, folder) && (!spokenFor || !ignores(glob, named, true)) {
			return c.Place(pointer("ignore", itoa(i))), true
		}
	}
	return object.Place{}, false
}

// ignores also asks about the folders above.
func ignores(glob, file string, folder bool) bool {
	bare := strings.TrimRight(glob, "/")
	for ; file != "." && file != "/" && file != ""; file, folder = path.Dir(file), true {
		if (folder || bare == glob) && doublestar.MatchUnvalidated(bare, file) {
			return true
		}
	}
	return false
}

// itoa is a step of a pointer.
func itoa(i int) string { return strconv.Itoa(i) }
