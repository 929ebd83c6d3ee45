package io.seine.ovsdb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Optional;

/**
 * Turns a JSON-RPC reply that is an error into a result of one error row, the form a failed
 * operation's result has. The library's endpoint logs such an error and hands out a null result, by
 * which the caller cannot tell what happened.
 */
final class RpcErrorRows extends ChannelInboundHandlerAdapter {

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ObjectNode reply
        && reply.hasNonNull("id")
        && reply.path("method").isMissingNode()
        && reply.hasNonNull("error")) {
      JsonNode error = reply.get("error");
      ObjectNode row = JsonNodeFactory.instance.objectNode();
      row.put("error", error.path("error").asText(error.toString()));
      row.put("details", error.path("details").asText(""));
      reply.set("result", JsonNodeFactory.instance.arrayNode().add(row));
      reply.putNull("error");
    }
    context.fireChannelRead(message);
  }

  /** The error that this handler put in place of a result that is otherwise an object. */
  static Optional<String> errorIn(JsonNode result) {
    JsonNode row = result.path(0);
    return result.isArray() && row.hasNonNull("error") ? Optional.of(text(row)) : Optional.empty();
  }

  /** An error row in words. */
  static String text(JsonNode row) {
    String details = row.path("details").asText("");
    return row.path("error").asText() + (details.isEmpty() ? "" : ": " + details);
  }
}
