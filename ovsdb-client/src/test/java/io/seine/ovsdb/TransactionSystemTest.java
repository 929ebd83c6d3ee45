package io.seine.ovsdb;

import static io.seine.ovsdb.OvsFixture.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import io.seine.ovsdb.OvsdbException.Reason;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Transactions on a real ovsdb-server: results, refusals, and the traps of the protocol and of the
 * library.
 */
@Tag("system")
class TransactionSystemTest {
  private static OvsFixture ovs;
  private static BridgeRow bridge;

  @BeforeAll
  static void start() {
    ovs = new OvsFixture();
    bridge = ovs.bridge();
  }

  @AfterAll
  static void stop() {
    ovs.close();
  }

  @Test
  void aStringThatEndsInABackslashComesBack() throws Exception {
    // given such a string in the database
    String path = "C:\\pods\\";
    Condition here = Condition.uuid(bridge.uuid());
    ovs.session
        .transaction()
        .putInto("Bridge", here, "external_ids", Map.of("path", path))
        .commit(TIMEOUT);
    try {
      // then it is in the cache and can be selected
      assertThat(ovs.snapshot().bridge("br-int").orElseThrow().externalIds())
          .containsEntry("path", path);
      TransactionResult read =
          ovs.session.transaction().select("Bridge", here, List.of("external_ids")).commit(TIMEOUT);
      assertThat(read.rows().getFirst().selected())
          .isEqualTo(List.of(Map.of("external_ids", Value.map(Map.of("path", path)))));

      // while it ends the library's connection: the select, and whatever is asked after it, is
      // never answered
      try (StockClient stock = new StockClient(ovs.ovs.dbSocket())) {
        Operation select = new Operation.Select("Bridge", List.of(here), Set.of("external_ids"));
        ListenableFuture<?> call = stock.transact(List.of(select));
        assertThatThrownBy(() -> call.get(30, TimeUnit.SECONDS))
            .isInstanceOf(CancellationException.class);
        ListenableFuture<?> echo = stock.client.echo();
        assertThatThrownBy(() -> echo.get(30, TimeUnit.SECONDS))
            .isInstanceOf(CancellationException.class);
      }
    } finally {
      ovs.session
          .transaction()
          .deleteFrom("Bridge", here, "external_ids", Value.strings(Set.of("path")))
          .commit(TIMEOUT);
    }
  }

  @Test
  void theErrorOfTheCommitItselfIsSeen() {
    // given an insert that is well formed but takes a name in use, which only the commit finds out
    Transaction transaction = ovs.session.transaction();
    RowRef iface = transaction.insert("Interface", Map.of("name", Value.of("br-int")));
    RowRef port =
        transaction.insert(
            "Port", Map.of("name", Value.of("other"), "interfaces", Value.of(iface)));
    transaction.insertInto(
        "Bridge", Condition.uuid(bridge.uuid()), "ports", Value.rows(Set.of(port)));

    // then
    assertThatThrownBy(() -> transaction.commit(TIMEOUT))
        .isInstanceOfSatisfying(
            OvsdbException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CONSTRAINT))
        .hasMessageContaining(
            "OVSDB commit failed (insert into Interface, insert into Port, mutation of Bridge.ports)")
        .hasMessageContaining("constraint violation")
        .hasMessageContaining("br-int");
    assertThat(ovs.snapshot().port("other")).isEmpty();
  }

  @Test
  void theErrorOfAnOperationNamesIt() {
    Transaction transaction = ovs.session.transaction().comment("first");
    transaction.update(
        "Bridge", Condition.uuid(bridge.uuid()), Map.of("fail_mode", Value.of("sideways")));
    transaction.comment("never run");
    assertThatThrownBy(() -> transaction.commit(TIMEOUT))
        .isInstanceOf(OvsdbException.class)
        .hasMessageContaining("OVSDB update of Bridge failed (operation 2 of 3)")
        .hasMessageContaining("sideways");
  }

  @Test
  void aReferenceToNoRowIsRefused() {
    Transaction transaction = ovs.session.transaction();
    transaction.insertInto(
        "Bridge",
        Condition.uuid(bridge.uuid()),
        "ports",
        Value.rows(Set.of(RowRef.of(java.util.UUID.randomUUID()))));
    assertThatThrownBy(() -> transaction.commit(TIMEOUT))
        .isInstanceOfSatisfying(
            OvsdbException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CONSTRAINT))
        .hasMessageContaining("referential integrity violation");
  }

  @Test
  void aRowThatNothingRefersToIsGoneWithoutAWord() {
    Transaction transaction = ovs.session.transaction();
    RowRef iface = transaction.insert("Interface", Map.of("name", Value.of("stray")));
    RowRef.Named port =
        transaction.insert(
            "Port", Map.of("name", Value.of("stray"), "interfaces", Value.of(iface)));
    TransactionResult result = transaction.commit(TIMEOUT);

    // then the server reports an identity, and has no such row
    assertThat(result.uuid(port)).isNotNull();
    assertThat(ovs.snapshot().port("stray")).isEmpty();
  }

  @Test
  void aGuardHoldsOrFailsInItsOwnWords() {
    Condition here = Condition.uuid(bridge.uuid());
    ovs.session
        .transaction()
        .requireRow("Bridge", here, Map.of("name", Value.of("br-int")), "unused")
        .commit(TIMEOUT);
    ovs.session
        .transaction()
        .requireNone("Bridge", Condition.name("br-none"), "unused")
        .commit(TIMEOUT);
    assertThatThrownBy(() ->
            ovs.session
                .transaction()
                .putInto("Bridge", here, "external_ids", Map.of("never", "set"))
                .requireRow(
                    "Bridge", here, Map.of("name", Value.of("br-x")), "the bridge was renamed")
                .commit(TIMEOUT))
        .isInstanceOfSatisfying(
            OvsdbException.class, e -> assertThat(e.reason()).isEqualTo(Reason.GUARD))
        .hasMessageContaining("the bridge was renamed");
    assertThat(ovs.snapshot().bridge("br-int").orElseThrow().externalIds())
        .doesNotContainKey("never");
  }

  @Test
  void countsAndUnknownTablesAreTold() {
    Condition nobody = Condition.name("nobody");
    TransactionResult result =
        ovs.session.transaction().delete("Port", nobody).comment("x").commit(TIMEOUT);
    assertThat(result.count(0)).isZero();
    assertThatThrownBy(() -> ovs.session.transaction().delete("Prot", nobody).commit(TIMEOUT))
        .hasMessageContaining("no table Prot");
  }

  @Test
  void theCacheHoldsWhatTheSameSessionHasCommitted() throws Exception {
    // given many writers, each of which looks at the cache right after its commit
    Condition here = Condition.uuid(bridge.uuid());
    try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
      var seen =
          IntStream.range(0, 200)
              .mapToObj(i ->
                  threads.submit(() -> {
                    ovs.session
                        .transaction()
                        .putInto("Bridge", here, "external_ids", Map.of("w" + i, "1"))
                        .commit(TIMEOUT);
                    return ovs.snapshot()
                        .bridge("br-int")
                        .orElseThrow()
                        .externalIds()
                        .containsKey("w" + i);
                  }))
              .toList();
      for (var each : seen) {
        assertThat(each.get()).isTrue();
      }
    }
    Set<String> keys = IntStream.range(0, 200).mapToObj(i -> "w" + i).collect(Collectors.toSet());
    ovs.session
        .transaction()
        .deleteFrom("Bridge", here, "external_ids", Value.strings(keys))
        .commit(TIMEOUT);
  }
}
