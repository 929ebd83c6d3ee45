package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the header blocks of a gRPC reply say, by the rules of gRPC over HTTP/2 ("Responses") and
 * RFC 9113, section 8.
 */
final class ReplyHeaders {
  private static final int MAX_MESSAGE = 2048;

  private @Nullable String grpcStatus;
  private String grpcMessage = "";
  private boolean begun;

  /** Whether the final response headers have come. */
  boolean begun() {
    return begun;
  }

  /**
   * Takes the response headers. An informational response (1xx) is skipped; trailers may come in
   * the same block.
   */
  void head(List<HeaderField> fields, boolean endStream) throws CallException {
    check(fields, true);
    String status = find(fields, ":status");
    if (status == null || status.length() != 3) {
      throw CallException.protocol("reply without an HTTP status");
    }
    if (status.charAt(0) == '1') {
      if (endStream) {
        throw CallException.protocol("reply ends with HTTP status " + printable(status));
      }
      return;
    }
    if (!status.equals("200")) {
      throw new CallException("the agent's socket answered with HTTP status " + printable(status));
    }
    String type = find(fields, "content-type");
    if (type == null || !type.startsWith("application/grpc")) {
      throw CallException.protocol("content type " + (type == null ? "missing" : printable(type)));
    }
    String encoding = find(fields, "grpc-encoding");
    if (encoding != null && !encoding.equals("identity")) {
      throw CallException.protocol("message encoding " + printable(encoding));
    }
    begun = true;
    if (endStream) {
      outcome(fields);
    }
  }

  /** Takes the trailers, which end the stream. */
  void trailers(List<HeaderField> fields) throws CallException {
    check(fields, false);
    outcome(fields);
  }

  /**
   * Says how the call ended.
   *
   * @throws CallException when the status is not OK, with the agent's message
   */
  void requireOk() throws CallException {
    if (grpcStatus == null) {
      throw CallException.protocol("no grpc-status");
    }
    if (!grpcStatus.equals("0")) {
      String text = grpcMessage.isEmpty() ? "" : ": " + grpcMessage;
      throw new CallException(
          "the agent refused the call with gRPC status " + statusName(grpcStatus) + text);
    }
  }

  private void outcome(List<HeaderField> fields) throws CallException {
    grpcStatus = find(fields, "grpc-status");
    String message = find(fields, "grpc-message");
    grpcMessage = message == null ? "" : percentDecode(message);
  }

  private static @Nullable String find(List<HeaderField> fields, String name) throws CallException {
    String value = null;
    for (HeaderField field : fields) {
      if (field.name().equals(name)) {
        if (value != null) {
          throw CallException.protocol("header " + name + " twice");
        }
        value = field.value();
      }
    }
    return value;
  }

  /**
   * Names in lower case, and pseudo-header fields first, only ":status", and not in trailers (RFC
   * 9113, section 8.2 and 8.3).
   */
  private static void check(List<HeaderField> fields, boolean head) throws CallException {
    boolean regular = false;
    for (HeaderField field : fields) {
      String name = field.name();
      boolean pseudo = name.startsWith(":");
      if (name.isEmpty() || (pseudo && (!head || regular || !name.equals(":status")))) {
        throw CallException.protocol("misplaced header " + printable(name));
      }
      regular |= !pseudo;
      for (int i = pseudo ? 1 : 0; i < name.length(); i++) {
        char c = name.charAt(i);
        if (c <= ' ' || (c >= 'A' && c <= 'Z') || c == ':' || c >= 0x7f) {
          throw CallException.protocol("malformed header name " + printable(name));
        }
      }
      for (int i = 0; i < field.value().length(); i++) {
        char c = field.value().charAt(i);
        if (c == 0 || c == '\r' || c == '\n') {
          throw CallException.protocol("malformed value of header " + name);
        }
      }
    }
  }

  /**
   * The encoding of grpc-message: percent-encoded UTF-8. What is not well formed is taken as it
   * stands.
   */
  static String percentDecode(String value) {
    ByteWriter bytes = new ByteWriter(value.length());
    for (int i = 0; i < value.length() && bytes.size() < MAX_MESSAGE; i++) {
      char c = value.charAt(i);
      int high = c == '%' && i + 2 < value.length() ? hexDigit(value.charAt(i + 1)) : -1;
      int low = high < 0 ? -1 : hexDigit(value.charAt(i + 2));
      if (low < 0) {
        bytes.put(c);
      } else {
        bytes.put((high << 4) | low);
        i += 2;
      }
    }
    return new String(bytes.array(), 0, bytes.size(), StandardCharsets.UTF_8);
  }

  private static int hexDigit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    int letter = c | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
  }

  private static String statusName(String status) {
    return switch (status) {
      case "1" -> "CANCELLED";
      case "2" -> "UNKNOWN";
      case "4" -> "DEADLINE_EXCEEDED";
      case "7" -> "PERMISSION_DENIED";
      case "8" -> "RESOURCE_EXHAUSTED";
      case "12" -> "UNIMPLEMENTED";
      case "13" -> "INTERNAL";
      case "14" -> "UNAVAILABLE";
      default -> printable(status);
    };
  }

  /**
   * Text of the peer's in a message of ours: short, and without characters that a terminal would
   * act on.
   */
  static String printable(String text) {
    StringBuilder clean = new StringBuilder();
    for (int i = 0; i < text.length() && i < 64; i++) {
      char c = text.charAt(i);
      clean.append(c >= ' ' && c < 0x7f ? c : '?');
    }
    return clean.toString();
  }
}
