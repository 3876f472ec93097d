//! A Galera cluster of three MariaDB servers, each with a socket in its own folder.

use super::server::{Server, as_user, folder_of, log, run};
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

pub const NODES: usize = 3;

/// The library of Debian's package galera-4.
pub const PROVIDER: &str = "/usr/lib/galera/libgalera_smm.so";

pub struct Cluster {
    nodes: Vec<Server>,
}

/// Free ports for each node: group communication, incremental transfer, full transfer.
fn free_ports() -> Vec<[u16; 3]> {
    let listeners: Vec<TcpListener> =
        (0..3 * NODES).map(|_| TcpListener::bind("127.0.0.1:0").expect("a free port")).collect();
    let ports: Vec<u16> = listeners.iter().map(|one| one.local_addr().expect("an address").port()).collect();
    ports.chunks(3).map(|three| [three[0], three[1], three[2]]).collect()
}

fn configuration(folder: &Path, number: usize, ports: &[[u16; 3]]) -> String {
    let group: Vec<String> = ports.iter().map(|[group, ..]| format!("127.0.0.1:{group}")).collect();
    let [port, incremental, full] = ports[number];
    let folder = folder.display();
    format!(
        "[mysqld]
datadir={folder}/data
socket={folder}/socket
pid-file={folder}/pid
skip-networking
skip-name-resolve
binlog_format=ROW
default_storage_engine=InnoDB
innodb_autoinc_lock_mode=2
innodb_buffer_pool_size=32M
innodb_log_file_size=8M
innodb_flush_log_at_trx_commit=0
wsrep_on=ON
wsrep_provider={PROVIDER}
wsrep_cluster_name=fhir_ehr
wsrep_cluster_address=gcomm://{}
wsrep_node_name=node{number}
wsrep_node_address=127.0.0.1:{port}
wsrep_sst_method=rsync
wsrep_sst_receive_address=127.0.0.1:{full}
wsrep_provider_options=\"gmcast.listen_addr=tcp://127.0.0.1:{port};ist.recv_addr=127.0.0.1:{incremental};gcache.size=16M\"
",
        group.join(",")
    )
}

fn is_ready(folder: &Path) -> bool {
    let asked = Command::new("mariadb")
        .args(["--no-defaults", "--user=root", "--batch", "--skip-column-names", "--execute"])
        .arg("SHOW STATUS LIKE 'wsrep_ready'")
        .arg(format!("--socket={}", folder.join("socket").display()))
        .output();
    asked.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim_end().ends_with("ON"))
}

fn node(number: usize, ports: &[[u16; 3]]) -> Server {
    let folder = folder_of("mysql");
    run(as_user("mysql", None, "mariadb-install-db")
        .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
        .arg(format!("--datadir={}", folder.path().join("data").display())));
    let settings = folder.path().join("my.cnf");
    std::fs::write(&settings, configuration(folder.path(), number, ports)).expect("a configuration");
    let mut command = as_user("mysql", Some("KILL"), "mariadbd");
    command.arg(format!("--defaults-file={}", settings.display()));
    if number == 0 {
        command.arg("--wsrep-new-cluster");
    }
    let process = command.stdout(Stdio::null()).stderr(log(folder.path())).spawn().expect("mariadbd starts");
    Server { process, stop: "-KILL", folder }.when(is_ready)
}

impl Cluster {
    /// Starts the nodes one after another. The others copy the data of the first one.
    pub fn start() -> Self {
        let ports = free_ports();
        Cluster { nodes: (0..NODES).map(|number| node(number, &ports)).collect() }
    }

    pub fn socket(&self, node: usize) -> PathBuf {
        self.nodes[node % NODES].folder.path().join("socket")
    }
}
