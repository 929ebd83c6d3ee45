package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;

/**
 * An error as a CNI plugin reports it: the "Error" object of the CNI specification 1.1.0, section
 * 5.
 *
 * @param code 1 to 99 as the specification has them
 * @param msg what happened, in a line
 * @param details what to do next; may be empty
 */
record CniError(int code, String msg, String details) {
  static final int INVALID_ENVIRONMENT = 4;
  static final int IO_FAILURE = 5;
  static final int DECODE_FAILURE = 6;
  static final int INVALID_CONFIG = 7;
  static final int TRY_AGAIN_LATER = 11;
  static final int NOT_AVAILABLE = 50;

  /** Not in the specification; the reference library's code for a failure of the plugin itself. */
  static final int INTERNAL = 999;

  byte[] toJson(String cniVersion) {
    StringBuilder json = new StringBuilder(256);
    json.append("{\"cniVersion\":");
    quote(json, cniVersion);
    json.append(",\"code\":").append(code).append(",\"msg\":");
    quote(json, msg);
    if (!details.isEmpty()) {
      json.append(",\"details\":");
      quote(json, details);
    }
    return json.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Appends a JSON string (RFC 8259, section 7). A lone surrogate has no UTF-8 form and becomes
   * U+FFFD.
   */
  static void quote(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c == '\n') {
        out.append("\\n");
      } else if (c < 0x20 || c == 0x7f) {
        out.append("\\u00").append(hex(c >> 4)).append(hex(c & 0xf));
      } else if (c >= 0xd800 && c < 0xdc00 && i + 1 < text.length() && isLow(text.charAt(i + 1))) {
        out.append(c).append(text.charAt(++i));
      } else if (c >= 0xd800 && c < 0xe000) {
        out.append('\ufffd');
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  private static boolean isLow(char c) {
    return c >= 0xdc00 && c < 0xe000;
  }

  private static char hex(int digit) {
    return "0123456789abcdef".charAt(digit);
  }
}
