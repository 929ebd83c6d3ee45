package io.seine.ovsdb;

import java.util.ArrayList;
import java.util.List;
import org.opendaylight.ovsdb.lib.MonitorCallBack;
import org.opendaylight.ovsdb.lib.message.TableUpdates;
import org.opendaylight.ovsdb.lib.schema.DatabaseSchema;

/**
 * Puts a monitor's answers into the cache in the server's order: the first answer is handed to the
 * calling thread, the updates to the event loop, which may come earlier; they wait here until the
 * first has been applied.
 */
final class MonitorFeed implements MonitorCallBack {
  private final OvsdbCache cache;
  private final List<TableUpdates> early = new ArrayList<>();
  private boolean started;

  MonitorFeed(OvsdbCache cache) {
    this.cache = cache;
  }

  synchronized void start(TableUpdates initial) {
    cache.reset(initial);
    early.forEach(cache::apply);
    early.clear();
    started = true;
  }

  @Override
  public synchronized void update(TableUpdates updates, DatabaseSchema schema) {
    if (started) {
      cache.apply(updates);
    } else {
      early.add(updates);
    }
  }

  @Override
  public void exception(Throwable failure) {
    throw new IllegalStateException("the OVSDB monitor failed", failure);
  }
}
