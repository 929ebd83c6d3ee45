package io.seine.cni.plugin;

import java.util.ArrayList;
import java.util.List;

/**
 * The table of HPACK: the static part (RFC 7541, appendix A) and the dynamic part of one
 * connection's replies.
 */
final class HpackTable {
  /** The most the peer may use: SETTINGS_HEADER_TABLE_SIZE is left at its initial value. */
  static final int MAX_SIZE = 4096;

  private static final String[] STATIC = {
    ":authority", "",
    ":method", "GET",
    ":method", "POST",
    ":path", "/",
    ":path", "/index.html",
    ":scheme", "http",
    ":scheme", "https",
    ":status", "200",
    ":status", "204",
    ":status", "206",
    ":status", "304",
    ":status", "400",
    ":status", "404",
    ":status", "500",
    "accept-charset", "",
    "accept-encoding", "gzip, deflate",
    "accept-language", "",
    "accept-ranges", "",
    "accept", "",
    "access-control-allow-origin", "",
    "age", "",
    "allow", "",
    "authorization", "",
    "cache-control", "",
    "content-disposition", "",
    "content-encoding", "",
    "content-language", "",
    "content-length", "",
    "content-location", "",
    "content-range", "",
    "content-type", "",
    "cookie", "",
    "date", "",
    "etag", "",
    "expect", "",
    "expires", "",
    "from", "",
    "host", "",
    "if-match", "",
    "if-modified-since", "",
    "if-none-match", "",
    "if-range", "",
    "if-unmodified-since", "",
    "last-modified", "",
    "link", "",
    "location", "",
    "max-forwards", "",
    "proxy-authenticate", "",
    "proxy-authorization", "",
    "range", "",
    "referer", "",
    "refresh", "",
    "retry-after", "",
    "server", "",
    "set-cookie", "",
    "strict-transport-security", "",
    "transfer-encoding", "",
    "user-agent", "",
    "vary", "",
    "via", "",
    "www-authenticate", "",
  };

  private static final int STATIC_ENTRIES = STATIC.length >> 1;

  /** Newest first, as the indices count. */
  private final List<HeaderField> dynamic = new ArrayList<>();

  private int size;
  private int limit = MAX_SIZE;

  /**
   * The entry of an index, counting from 1 over the static table and on into the dynamic one.
   *
   * @throws CallException when there is no such entry
   */
  HeaderField get(int index) throws CallException {
    if (index < 1 || index > STATIC_ENTRIES + dynamic.size()) {
      throw CallException.protocol("header index " + index + " is not in the table");
    }
    if (index <= STATIC_ENTRIES) {
      return new HeaderField(STATIC[2 * index - 2], STATIC[2 * index - 1]);
    }
    return dynamic.get(index - STATIC_ENTRIES - 1);
  }

  /**
   * Adds an entry and drops the oldest until all fit; one larger than the table leaves it empty
   * (RFC 7541, section 4.4).
   */
  void add(HeaderField field) {
    dynamic.add(0, field);
    size += field.tableSize();
    evict();
  }

  /** Takes the size the peer announces, at most {@link #MAX_SIZE}. */
  void resize(int newLimit) throws CallException {
    if (newLimit > MAX_SIZE) {
      throw CallException.protocol("header table of " + newLimit + " bytes, more than allowed");
    }
    limit = newLimit;
    evict();
  }

  private void evict() {
    while (size > limit) {
      size -= dynamic.remove(dynamic.size() - 1).tableSize();
    }
  }

  /** The bytes in use, as RFC 7541, section 4.1 counts them. */
  int size() {
    return size;
  }

  int dynamicEntries() {
    return dynamic.size();
  }
}
