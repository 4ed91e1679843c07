#!/usr/bin/env bash
# Makes the certificates that the tests use, here. They are valid for a hundred years, and their keys are
# no secrets. Needs openssl and keytool.
set -euo pipefail
cd "$(dirname "$0")"
rm -f ./*.crt ./*.key ./*.p12
days=36500

authority() { # authority NAME
  openssl req -x509 -newkey rsa:2048 -nodes -days $days -subj "/CN=$1" -keyout "$1.key" -out "$1.crt"
}

signed() { # signed NAME AUTHORITY SUBJECT EXTENSIONS KEY-OPTIONS...
  local name=$1 authority=$2 subject=$3 extensions=$4
  shift 4
  openssl req -newkey "$@" -nodes -subj "$subject" -keyout "$name.key" -out "$name.csr"
  openssl x509 -req -in "$name.csr" -CA "$authority.crt" -CAkey "$authority.key" -CAcreateserial \
    -days $days -extfile <(echo "$extensions") -out "$name.crt"
  openssl pkcs12 -export -in "$name.crt" -inkey "$name.key" -certfile "$authority.crt" \
    -passout pass:changeit -out "$name.p12"
  rm "$name.csr"
}

here='subjectAltName=DNS:localhost,IP:127.0.0.1'
authority ca
authority stranger-ca
signed server ca /CN=localhost "$here" rsa:2048
signed renewed ca /CN=localhost/O=Renewed "$here" ec -pkeyopt ec_paramgen_curve:P-256
signed client ca /O=Greenhouse/CN=device-7 'extendedKeyUsage=clientAuth' rsa:2048
signed stranger stranger-ca /CN=device-7 'extendedKeyUsage=clientAuth' rsa:2048
signed other ca /CN=other 'subjectAltName=DNS:broker.example,DNS:*.devices.example' rsa:2048
signed named ca /O=Greenhouse "extendedKeyUsage=clientAuth
subjectAltName=DNS:device-8.example,email:device-8@example.org,URI:spiffe://example.org/device-8" rsa:2048
keytool -genkeypair -alias expired -keyalg EC -dname CN=localhost -startdate 2020/01/01 -validity 365 \
  -storetype PKCS12 -keystore expired.p12 -storepass changeit
openssl pkcs8 -topk8 -v2 aes-256-cbc -in server.key -passout pass:changeit -out server-encrypted.key
rm -f ./*-ca.key ca.key ./*.srl
