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
	// byOthers are the bits of the permission to write that others than the owner have, openToOthers those to reach what is in a folder.
	byOthers, openToOthers = 0o022, 0o011
)

// mostLinks is how many symbolic links may be on the way, as Linux has it ("path_resolution(7)").
const mostLinks = 40

// check goes the way to the folder, link by link.
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
	closed := false // A folder on the way lets nobody but this user into it, so what is below may be written to by all.
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
		trusted := path == working || strings.HasPrefix(working, path+"/") // Whoever can change it can change the configuration.
		switch {
		case trusted:
		case owner != os.Geteuid() && owner != landlord && owner != 0:
			return shared(path, fmt.Sprintf("belongs to another user (uid %d)", owner))
		case !closed && info.Mode()&fs.ModeSymlink == 0 && rest != "" && info.Mode()&byOthers != 0 && info.Mode()&fs.ModeSticky == 0:
			return shared(path, fmt.Sprintf("may be written to by others (%s)", info.Mode()))
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at, closed = path, closed || rest != "" && owner == os.Geteuid() && info.Mode()&openToOthers == 0
			continue
		}
		if links++; links > mostLinks {
			return &fs.PathError{Op: "open", Path: folder, Err: syscall.ELOOP}
		}
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		if filepath.IsAbs(target) {
			at, closed = "/", false
		}
		rest = target + "/" + rest // Not cleaned: what is before a ".." may be a link too.
	}
	return checkItself(folder, at, landlord, closed)
}

// checkItself looks at the folder, which is at that path, and closed to others if a folder on the way is. The landlord owns the working
// directory.
func checkItself(folder, path string, landlord int, closed bool) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	switch owner := ownerOf(info); {
	case owner != os.Geteuid() && owner != landlord:
		return &SharedError{Folder: folder, Path: path, Why: fmt.Sprintf("belongs to another user (uid %d)", owner)}
	case !closed && info.Mode()&byOthers != 0 && keepsModes(path):
		return &SharedError{Folder: folder, Path: path, Why: fmt.Sprintf("may be written to by others (%s)", info.Mode())}
	}
	return nil
}

// keepsModes reports whether the file system of the folder keeps permissions. One of Windows that is mounted on Linux shows the same for
// all files, whoever may write to them.
func keepsModes(folder string) bool {
	probe, err := os.MkdirTemp(folder, ".probe-*")
	if err != nil {
		return true
	}
	info, err := os.Stat(probe)
	return errors.Join(err, os.Remove(probe)) != nil || info.Mode()&byOthers == 0
}

func ownerOf(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}

// workingDirectory is the working directory without symbolic links, and its owner.
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
