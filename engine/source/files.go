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
	var single []file
	for _, arg := range args {
		for _, path := range r.expand(arg) {
			switch info, err := os.Stat(path); {
			case path == Stdin:
				text, err := io.ReadAll(io.LimitReader(stdin, maxFile+1))
				if err != nil {
					r.problem(object.Place{File: Stdin}, "read standard input: %v", err)
				}
				single = append(single, file{path: Stdin, text: text, explicit: true})
			case err != nil:
				r.problem(object.Place{File: path}, "open: %v", cause(err))
			case info.IsDir():
				r.Worlds = append(r.Worlds, World{Name: path, Objects: r.decode(r.folder(path))})
			default:
				single = append(single, r.open(path, true)...)
			}
		}
	}
	if len(single) > 0 {
		r.Worlds = append(r.Worlds, World{Name: worldOf(single), Objects: r.decode(single)})
	}
	r.sort()
	return r
}

func worldOf(files []file) string {
	if len(files) == 1 {
		return files[0].path
	}
	return fmt.Sprintf("%s and %d more", files[0].path, len(files)-1)
}

// expand resolves a glob. A path that exists is taken as it is, brackets and all.
func (r *Read) expand(arg string) []string {
	if _, err := os.Lstat(arg); arg == Stdin || err == nil || !strings.ContainsAny(arg, "*?[{") {
		return []string{arg}
	}
	paths, err := doublestar.FilepathGlob(arg, doublestar.WithFilesOnly())
	switch {
	case err != nil:
		r.problem(object.Place{File: arg}, "expand glob: %v", err)
	case len(paths) == 0:
		r.problem(object.Place{File: arg}, "expand glob: no file matches")
	}
	slices.Sort(paths)
	return paths
}

// folder lists the manifests below a folder in the order of their paths. A link to a folder is named as
// skipped: what it points at may lie outside, or above.
func (r *Read) folder(root string) []file {
	var files []file
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			r.problem(object.Place{File: path}, "read folder: %v", cause(err))
			return nil
		case entry.IsDir() && entry.Name() == ".git":
			return filepath.SkipDir
		case entry.IsDir() || !Manifest(path):
			if entry.Type()&fs.ModeSymlink != 0 {
				r.skipLinkedFolder(path)
			}
			return nil
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			r.skipLinkedFolder(path)
			return nil
		}
		files = append(files, r.open(path, false)...)
		return nil
	})
	if err != nil {
		r.problem(object.Place{File: root}, "read folder: %v", cause(err))
	}
	return files
}

func (r *Read) skipLinkedFolder(path string) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		r.Skipped = append(r.Skipped, Skipped{Place: object.Place{File: path}, Reason: "a link to a folder is not followed"})
	}
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
func (r *Read) open(path string, explicit bool) []file {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() && !explicit {
		r.problem(object.Place{File: path}, "open: not a regular file")
		return nil
	}
	if err == nil && info.Size() > maxFile {
		r.problem(object.Place{File: path}, "open: %d bytes are more than the %d that are read at once", info.Size(), maxFile)
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		r.problem(object.Place{File: path}, "open: %v", cause(err))
		return nil
	}
	return []file{{path: filepath.ToSlash(path), text: text, explicit: explicit}}
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
	r.sort()
	return r
}
