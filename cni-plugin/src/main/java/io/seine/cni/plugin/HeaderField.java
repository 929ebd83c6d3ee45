package io.seine.cni.plugin;

/** One header field; name and value hold one octet in each char. */
record HeaderField(String name, String value) {
  /** RFC 7541, section 4.1: what an entry of the dynamic table counts for. */
  int tableSize() {
    return name.length() + value.length() + 32;
  }
}
