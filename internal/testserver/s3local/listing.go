// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package s3local

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"

	"github.com/johannesboyne/gofakes3"
)

// Archive is what S3 says of an object that may have to be restored before it can be read.
type Archive struct {
	// Class is its storage class, such as GLACIER. Tier is that of the archive in which an object of the class
	// INTELLIGENT_TIERING is.
	Class, Tier string
	// Restored reports whether a copy of it can be read.
	Restored bool
}

// Archive puts the object of that key, in whatever bucket, into an archive.
func (s *Server) Archive(key string, archive Archive) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.archives[key] = archive
}

func (s *Server) archive(key string) (Archive, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	archive, ok := s.archives[key]
	return archive, ok
}

// serveArchived answers a request for an object of an archive as AWS does ("GetObject", "HeadObject" in the Amazon S3
// API Reference), or returns false for another request.
func (s *Server) serveArchived(w http.ResponseWriter, r *http.Request) bool {
	_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	archive, ok := s.archive(key)
	switch {
	case !ok || r.Method != http.MethodGet && r.Method != http.MethodHead:
		return false
	case r.Method == http.MethodHead:
		w.Header().Set("X-Amz-Storage-Class", archive.Class)
		if archive.Tier != "" {
			w.Header().Set("X-Amz-Archive-Status", archive.Tier)
		}
		return false
	case archive.Restored || archive.Class == "INTELLIGENT_TIERING" && archive.Tier == "":
		return false
	}
	w.WriteHeader(http.StatusForbidden)
	tier := ""
	if archive.Tier != "" {
		tier = "<AccessTier>" + archive.Tier + "</AccessTier>"
	}
	_, _ = w.Write([]byte("<Error><Code>InvalidObjectState</Code><Message>The operation is not valid for the object's " +
		"storage class</Message>" +
		"<StorageClass>" + archive.Class + "</StorageClass>" + tier + "</Error>"))
	return true
}

// encoding is a storage whose lists have keys that are encoded, since XML cannot hold all of them.
type encoding struct {
	gofakes3.Backend
	gofakes3.VersionedBackend
	server *Server
}

func (b encoding) ListBucket(
	name string,
	prefix *gofakes3.Prefix,
	page gofakes3.ListBucketPage,
) (*gofakes3.ObjectList, error) {
	list, err := b.Backend.ListBucket(name, prefix, page)
	if err != nil {
		return nil, err
	}
	for _, object := range list.Contents {
		if archive, ok := b.server.archive(object.Key); ok {
			object.StorageClass = gofakes3.StorageClass(archive.Class)
		}
		object.Key = url.QueryEscape(object.Key)
	}
	for i := range list.CommonPrefixes {
		list.CommonPrefixes[i].Prefix = url.QueryEscape(list.CommonPrefixes[i].Prefix)
	}
	return list, nil
}

// listedKey is a key in a list, or a prefix that keys have in common.
var listedKey = regexp.MustCompile(`(<Key>|<CommonPrefixes>\s*<Prefix>)([^<]*)(</)`)

// serveList answers a request for a list as AWS does: keys are encoded if that is asked for, and archived objects have
// been restored ("ListObjectsV2" in the Amazon S3 API Reference).
func (s *Server) serveList(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	s.storage.ServeHTTP(answer, r)
	encoded := r.URL.Query().Get("encoding-type") == "url"
	body := listedKey.ReplaceAllFunc(answer.Body.Bytes(), func(match []byte) []byte {
		parts := listedKey.FindSubmatch(match)
		key, err := url.QueryUnescape(string(parts[2]))
		if err != nil {
			return match
		}
		var b bytes.Buffer
		if archive, ok := s.archive(key); ok && archive.Restored &&
			r.Header.Get("X-Amz-Optional-Object-Attributes") == "RestoreStatus" {
			b.WriteString(
				"<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>2100-01-01T00:00:00.000Z</RestoreExpiryDate></RestoreStatus>",
			)
		}
		b.Write(parts[1])
		if encoded {
			b.Write(parts[2])
		} else {
			_ = xml.EscapeText(&b, []byte(key)) // A buffer takes everything.
		}
		b.Write(parts[3])
		return b.Bytes()
	})
	if encoded {
		body = bytes.Replace(body, []byte("<IsTruncated>"), []byte("<EncodingType>url</EncodingType><IsTruncated>"), 1)
	}
	for name, values := range answer.Header() {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body)
}
