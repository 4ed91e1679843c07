package io.carrick.storage;

class DiskStreamLogTest extends DurableStreamLogContract {

  private final Disk disk = new Disk();

  @Override
  protected MessageStore open() {
    return disk.open(MessageStoreContract.CONTEXT);
  }
}
