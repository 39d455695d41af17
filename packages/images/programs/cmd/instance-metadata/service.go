package main

import (
	"io"
	"log"
	"net/http"
	"sort"
	"strings"
)

// service answers as EC2 does: a token for whoever asks for one, the text of a path, the list of a folder, 404 for all else.
type service struct {
	describe func() (map[string]string, error)
}

func (s service) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	path := strings.Trim(strings.TrimPrefix(request.URL.Path, "/latest"), "/")
	if request.Method == http.MethodPut && path == "api/token" {
		response.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
		_, _ = io.WriteString(response, "token")
		return
	}
	known, err := s.describe()
	if err != nil {
		log.Print(err)
		http.Error(response, err.Error(), http.StatusInternalServerError)
		return
	}
	text, ok := lookUp(known, path)
	if !ok {
		log.Print("unknown: ", request.URL.Path)
		http.NotFound(response, request)
		return
	}
	_, _ = io.WriteString(response, text)
}

// lookUp finds the text of a path, or what is in it: one name a line, folders with a slash.
func lookUp(known map[string]string, path string) (string, bool) {
	if text, ok := known[path]; ok {
		return text, true
	}
	inside := map[string]bool{}
	for key := range known {
		if rest, below := strings.CutPrefix(key, path+"/"); below {
			name, _, folder := strings.Cut(rest, "/")
			if folder {
				name += "/"
			}
			inside[name] = true
		}
	}
	names := make([]string, 0, len(inside))
	for name := range inside {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, "\n"), len(names) > 0
}
