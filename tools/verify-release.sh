#!/usr/bin/env bash
# Checks the files of a release as goreleaser leaves them: ./tools/verify-release.sh FOLDER [signed]
# They must be what Terraform's and OpenTofu's registries ask for, and the program for this machine must start.
set -euo pipefail
folder=${1:?the folder with the release}
signed=${2:-}

fail() {
  echo "verify-release: $*" >&2
  exit 1
}

manifest=$PWD/terraform-registry-manifest.json
cd "$folder"
shopt -s nullglob
sums=(*_SHA256SUMS)
((${#sums[@]} == 1)) || fail "there are ${#sums[@]} files of checksums, not one"
sums=${sums[0]}
base=${sums%_SHA256SUMS}
version=${base#terraform-provider-dynamoops_}

cp "$manifest" "${base}_manifest.json" # goreleaser uploads it from where it is.
sha256sum --check --strict --quiet "$sums"
named=" $(awk '{print $2}' "$sums" | tr '\n' ' ')"
for platform in {darwin,freebsd,linux,windows}_{amd64,arm64}; do
  archive=${base}_$platform.zip
  [[ $named == *" $archive "* ]] || fail "$sums does not name $archive"
  binary=terraform-provider-dynamoops_v$version
  [[ $platform == windows_* ]] && binary+=.exe
  unzip -Z1 "$archive" | grep -Fqx "$binary" || fail "$archive does not hold $binary"
  [[ -s $archive.sbom.json ]] || fail "$archive has no SBOM"
done
[[ $named == *" ${base}_manifest.json "* ]] || fail "$sums does not name the registry's manifest"

if [[ $signed ]]; then
  gpg --verify "$sums.sig" "$sums"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unzip -q "${base}_$(go env GOOS)_$(go env GOARCH).zip" -d "$work"
said=$("$work/terraform-provider-dynamoops_v$version" --version)
[[ $said == "terraform-provider-dynamoops $version "* ]] || fail "the program says it is $said"
echo "verify-release: $base is complete."
