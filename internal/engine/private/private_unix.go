// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	// writeByOthers are the permission bits with which others than the owner may write.
	writeByOthers = 0o022
	// searchByOthers are the permission bits with which others than the owner may reach what is in a folder.
	searchByOthers = 0o011
)

// maxLinks is how many symbolic links a path may contain on Linux ("path_resolution(7)").
const maxLinks = 40

// check walks the path to the folder, link by link.
func check(folder string) error {
	rest, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	working, landlord, err := workingDirectory()
	if err != nil {
		return err
	}
	shared := func(path, why string) error { return &SharedError{Folder: folder, Path: path, Why: why} }
	at, links := "/", 0
	// closed is set below a folder that only this user may enter: there, write permissions do not matter.
	closed := false
	for rest != "" {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		switch name {
		case "", ".":
			continue
		case "..":
			at, closed = filepath.Dir(at), false
			continue
		}
		path := filepath.Join(at, name)
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		owner := ownerOf(info)
		// Whoever can change the working directory or a folder above it can change the configuration.
		trusted := path == working || strings.HasPrefix(working, path+"/")
		switch {
		case trusted:
		case owner != os.Geteuid() && owner != landlord && owner != 0:
			return shared(path, fmt.Sprintf("belongs to another user (uid %d)", owner))
		case !closed && rest != "" && info.Mode()&writeByOthers != 0 && info.Mode()&(fs.ModeSymlink|fs.ModeSticky) == 0:
			return shared(path, fmt.Sprintf("may be written to by others (%s)", info.Mode()))
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = path
			closed = closed || rest != "" && owner == os.Geteuid() && info.Mode()&searchByOthers == 0
			continue
		}
		if links++; links > maxLinks {
			return &fs.PathError{Op: "open", Path: folder, Err: syscall.ELOOP}
		}
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		if filepath.IsAbs(target) {
			at, closed = "/", false
		}
		rest = target + "/" + rest // Not cleaned: the element before a ".." may be a link too.
	}
	return checkItself(folder, at, landlord, closed)
}

// checkItself checks the folder, which is at path. The landlord owns the working directory. closed is set if
// only this user may enter a folder on the way.
func checkItself(folder, path string, landlord int, closed bool) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	switch owner := ownerOf(info); {
	case owner != os.Geteuid() && owner != landlord:
		return &SharedError{Folder: folder, Path: path, Why: fmt.Sprintf("belongs to another user (uid %d)", owner)}
	case !closed && info.Mode()&writeByOthers != 0 && keepsModes(path):
		return &SharedError{Folder: folder, Path: path, Why: fmt.Sprintf("may be written to by others (%s)", info.Mode())}
	}
	return nil
}

// keepsModes reports whether the file system of the folder stores permissions. A Windows file system that is
// mounted on Linux shows the same permissions for all files, whoever may write to them.
func keepsModes(folder string) bool {
	probe, err := os.MkdirTemp(folder, ".probe-*")
	if err != nil {
		return true
	}
	info, err := os.Stat(probe)
	return errors.Join(err, os.Remove(probe)) != nil || info.Mode()&writeByOthers == 0
}

func ownerOf(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}

// workingDirectory returns the working directory without symbolic links, and its owner.
func workingDirectory() (path string, owner int, err error) {
	if path, err = os.Getwd(); err != nil {
		return "", 0, err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", 0, err
	}
	return path, ownerOf(info), nil
}
