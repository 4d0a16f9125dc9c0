package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/data-guard/guard/engine/object"
)

// Stdin is the argument that means standard input.
const Stdin = "-"

// maxFile is the largest file that is read whole.
const maxFile = 1 << 30

// Files reads the arguments of a command line: files, folders, globs ("**" included) and "-". A folder is a
// world of its own; all files that are named one by one are one world together. Order does not depend on the
// machine. Reading never stops at an error: what is wrong is in Problems.
func Files(args []string, stdin io.Reader) *Read {
	r := &Read{}
	var single []string
	for _, arg := range args {
		for _, name := range r.Expand(Tree{}, arg) {
			if info, err := os.Stat(name); err == nil && info.IsDir() {
				r.World(Tree{}, name, r.Walk(Tree{}, name, func(string, fs.DirEntry) bool { return true }))
			} else {
				single = append(single, name)
			}
		}
	}
	r.Named(Tree{}, single, stdin)
	r.Sort()
	return r
}

// Named reads files that the user named one by one, "-" among them, as one world. Of a file that was named, also what is
// no manifest is a problem. No files are no world.
func (r *Read) Named(tree Tree, names []string, stdin io.Reader) {
	var single []file
	for _, name := range names {
		if name != Stdin {
			single = append(single, r.open(tree, name, true)...)
			continue
		}
		text, err := io.ReadAll(io.LimitReader(stdin, maxFile+1))
		if err != nil {
			r.problem(object.Place{File: Stdin}, "read standard input: %v", err)
		}
		single = append(single, file{path: Stdin, text: text, explicit: true})
	}
	if len(single) > 0 {
		r.Worlds = append(r.Worlds, World{Name: worldOf(single), How: Manifests, Objects: r.decode(single)})
	}
}

// World reads files that were found as one world of that name.
func (r *Read) World(tree Tree, name string, names []string) {
	var files []file
	for _, found := range names {
		files = append(files, r.open(tree, found, false)...)
	}
	r.Worlds = append(r.Worlds, World{Name: name, How: Manifests, Objects: r.decode(files)})
}

func worldOf(files []file) string {
	if len(files) == 1 {
		return files[0].path
	}
	return fmt.Sprintf("%s and %d more", files[0].path, len(files)-1)
}

// Expand resolves a glob, in slashes. A path that exists is taken as it is, brackets and all.
func (r *Read) Expand(tree Tree, arg string) []string {
	if arg == Stdin {
		return []string{arg}
	}
	if _, err := os.Lstat(tree.Disk(arg)); err == nil || !strings.ContainsAny(arg, "*?[{") {
		return []string{filepath.ToSlash(arg)}
	}
	found, err := doublestar.FilepathGlob(tree.Disk(arg), doublestar.WithFilesOnly())
	switch {
	case err != nil:
		r.problem(object.Place{File: arg}, "expand glob: %v", err)
	case len(found) == 0:
		r.problem(object.Place{File: arg}, "expand glob: no file matches")
	}
	names := make([]string, 0, len(found))
	for _, disk := range found {
		names = append(names, tree.name(disk))
	}
	slices.Sort(names)
	return names
}

// Walk lists the manifests below a folder in the order of their paths. enter is asked about every folder and manifest, the
// root included, by its name as the user would write it; what it does not enter is left out. A link to a folder is named
// as skipped: what it points at may lie outside, or above.
func (r *Read) Walk(tree Tree, root string, enter func(name string, entry fs.DirEntry) bool) []string {
	var names []string
	err := filepath.WalkDir(tree.Disk(root), func(disk string, entry fs.DirEntry, err error) error {
		name := tree.name(disk)
		switch {
		case err != nil:
			r.problem(object.Place{File: name}, "read folder: %v", cause(err))
			return nil
		case entry.IsDir() && (entry.Name() == ".git" || !enter(name, entry)):
			return filepath.SkipDir
		case entry.IsDir():
			return nil
		}
		if info, err := os.Stat(disk); entry.Type()&fs.ModeSymlink != 0 && err == nil && info.IsDir() {
			r.Skipped = append(r.Skipped, Skipped{Place: object.Place{File: name}, Reason: "a link to a folder is not followed"})
			return nil
		}
		if Manifest(name) && enter(name, entry) {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		r.problem(object.Place{File: root}, "read folder: %v", cause(err))
	}
	return names
}

// Manifest says whether a file of that name is read when its folder is.
func Manifest(path string) bool {
	switch filepath.Ext(path) {
	case ".yaml", ".yml", ".json":
		return true
	default:
		return false
	}
}

// open reads one file; an unreadable one is a problem and no file.
func (r *Read) open(tree Tree, name string, explicit bool) []file {
	disk := tree.Disk(name)
	info, err := os.Stat(disk)
	if err == nil && !info.Mode().IsRegular() && !explicit {
		r.problem(object.Place{File: name}, "open: not a regular file")
		return nil
	}
	if err == nil && info.Size() > maxFile {
		r.problem(object.Place{File: name}, "open: %d bytes are more than the %d that are read at once", info.Size(), maxFile)
		return nil
	}
	text, err := os.ReadFile(disk)
	if err != nil {
		r.problem(object.Place{File: name}, "open: %v", cause(err))
		return nil
	}
	return []file{{path: filepath.ToSlash(name), text: text, explicit: explicit}}
}

// cause is the error without the path, which the place says already.
func cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}

// Text reads one text that is no file, as if it stood in a file of that name.
func Text(name string, text []byte) *Read {
	r := &Read{}
	r.Worlds = []World{{Name: name, Objects: r.decode([]file{{path: name, text: text}})}}
	r.Sort()
	return r
}
