package io.seine.ovsdb;

import com.fasterxml.jackson.databind.JsonNode;
import io.seine.ovsdb.OvsdbException.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of a transact reply (RFC 7047, section 4.1.3): one for each operation, and one
 * more when the commit itself failed.
 */
final class TransactionReply {
  private TransactionReply() {}

  /**
   * Checks every row.
   *
   * @throws OvsdbException for the first row that holds an error
   */
  static TransactionResult read(
      List<Operation> operations, @Nullable List<? extends @Nullable JsonNode> reply) {
    if (reply == null) {
      throw new OvsdbException(
          Reason.REFUSED, "ovsdb-server answered a transaction without a result");
    }
    for (int i = 0; i < reply.size(); i++) {
      JsonNode row = reply.get(i);
      if (row != null && row.hasNonNull("error")) {
        throw failure(operations, i, row);
      }
    }
    if (reply.size() != operations.size()) {
      throw new OvsdbException(
          Reason.REFUSED,
          "ovsdb-server answered "
              + operations.size()
              + " operations with "
              + reply.size()
              + " results: "
              + reply);
    }
    List<TransactionResult.Row> rows = new ArrayList<>();
    for (JsonNode row : reply) {
      rows.add(row == null ? new TransactionResult.Row(0, List.of()) : result(row));
    }
    return new TransactionResult(operations, rows);
  }

  private static OvsdbException failure(List<Operation> operations, int index, JsonNode row) {
    String error = row.path("error").asText();
    String text = RpcErrorRows.text(row);
    if (index >= operations.size()) {
      String all = String.join(", ", operations.stream().map(Operation::describe).toList());
      return new OvsdbException(reason(error), "OVSDB commit failed (" + all + "): " + text);
    }
    Operation operation = operations.get(index);
    String otherwise =
        switch (operation) {
          case Operation.RequireNone op -> op.otherwise();
          case Operation.RequireRow op -> op.otherwise();
          default -> "";
        };
    if (!otherwise.isEmpty() && error.equals("timed out")) {
      return new OvsdbException(
          Reason.GUARD, otherwise + " (OVSDB " + operation.describe() + " did not hold)");
    }
    return new OvsdbException(
        reason(error),
        "OVSDB "
            + operation.describe()
            + " failed (operation "
            + (index + 1)
            + " of "
            + operations.size()
            + "): "
            + text);
  }

  private static Reason reason(String error) {
    return switch (error) {
      case "constraint violation", "referential integrity violation" -> Reason.CONSTRAINT;
      default -> Reason.REFUSED;
    };
  }

  private static TransactionResult.Row result(JsonNode row) {
    List<Map<String, Value>> selected = new ArrayList<>();
    for (JsonNode found : row.path("rows")) {
      Map<String, Value> columns = new HashMap<>();
      found
          .properties()
          .forEach(column -> columns.put(column.getKey(), Value.fromJson(column.getValue())));
      selected.add(Map.copyOf(columns));
    }
    if (row.hasNonNull("uuid")) {
      selected.add(Map.of("_uuid", Value.fromJson(row.get("uuid"))));
    }
    return new TransactionResult.Row(row.path("count").asLong(selected.size()), selected);
  }
}
