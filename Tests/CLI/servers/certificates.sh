#!/bin/sh
# usage: certificates.sh FOLDER
#
# Makes what the servers of the tests show, with an authority of their own, in FOLDER:
#   ca.pem               the authority
#   server.pem, .key     for localhost and 127.0.0.1
#   other.pem, .key      for another name
#   expired.pem, .key    for localhost, and over since long
#   stranger.pem         another authority, which has made none of them
set -eu
mkdir -p "$1"
cd "$1"

authority() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$2" -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

# certificate FILE NAMES DATES...
certificate() {
  file=$1
  printf 'subjectAltName=%s\n' "$2" >"$file.names"
  shift 2
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$file" -keyout "$file.key" -out "$file.request" 2>/dev/null
  openssl x509 -req -in "$file.request" -CA ca.pem -CAkey ca.key -CAcreateserial -extfile "$file.names" -out "$file.pem" "$@" 2>/dev/null
  rm "$file.request" "$file.names"
}

authority ca 'authority of the tests'
authority stranger 'another authority'
certificate server DNS:localhost,IP:127.0.0.1 -days 30
certificate other DNS:other.example -days 30
# Backwards: it ended yesterday.
certificate expired DNS:localhost,IP:127.0.0.1 -days -1
