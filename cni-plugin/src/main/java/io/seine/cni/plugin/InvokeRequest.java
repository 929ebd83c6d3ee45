package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;

/**
 * The message {@code seine.cni.v1.InvokeRequest}: what the runtime gave the plugin, byte for byte.
 * The strings must be valid UTF-8; {@link Environment} sees to that.
 */
final class InvokeRequest {
  private static final int LENGTH_DELIMITED = 2;

  private final String command;
  private final Environment environment;
  private final byte[] stdin;

  InvokeRequest(String command, Environment environment, byte[] stdin) {
    this.command = command;
    this.environment = environment;
    this.stdin = stdin;
  }

  /** The protobuf encoding; empty fields are left out, as proto3 has it. */
  byte[] encode() {
    ByteWriter out = new ByteWriter(stdin.length + 1024);
    field(out, 1, command.getBytes(StandardCharsets.UTF_8));
    field(out, 2, environment.containerId());
    field(out, 3, environment.netns());
    field(out, 4, environment.ifname());
    field(out, 5, environment.args());
    field(out, 6, environment.path());
    field(out, 7, stdin);
    return out.toByteArray();
  }

  private static void field(ByteWriter out, int number, byte[] value) {
    if (value.length > 0) {
      out.putVarint(((long) number << 3) | LENGTH_DELIMITED).putVarint(value.length).put(value);
    }
  }
}
