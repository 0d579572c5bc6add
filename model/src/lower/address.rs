//! Addresses of flows: `ID.outflow`, `ARC.flow`, `ARC`.

use crate::basin::entry::Field;
use crate::basin::nearest::hint;
use crate::elements::Head;
use crate::lower::Lowering;
use crate::network::{ArcId, NodeId, NodeKind};

/// What a rule may be on.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Arcs whose flows are summed.
    Flow(Vec<ArcId>),
    /// A storage.
    Storage(NodeId),
}

impl Lowering<'_> {
    /// The arcs of an address of a flow.
    pub fn flow(&mut self, field: &Field<String>, head: &Head) -> Option<Vec<ArcId>> {
        match self.target(field, head)? {
            Target::Flow(arcs) => Some(arcs),
            Target::Storage(_) => {
                let hint = "`X.outflow`, or a way's `ID.flow`".to_owned();
                self.refuse(&field.place, head, format!("`{}`: `{}` is no flow", field.key, field.value), Some(hint));
                None
            }
        }
    }

    /// The storage of an address.
    pub fn storage(&mut self, field: &Field<String>, head: &Head) -> Option<NodeId> {
        match self.target(field, head)? {
            Target::Storage(node) => Some(node),
            Target::Flow(_) => {
                let hint = "`X.storage` or `X.level` of a reservoir or aquifer".to_owned();
                self.refuse(&field.place, head, format!("`{}`: `{}` is no storage", field.key, field.value), Some(hint));
                None
            }
        }
    }

    /// What an address names.
    pub fn target(&mut self, field: &Field<String>, head: &Head) -> Option<Target> {
        let address = field.value.as_str();
        if let Some(arc) = self.network.arc(address.strip_suffix(".flow").unwrap_or(address)) {
            return Some(Target::Flow(vec![arc]));
        }
        if let Some((id, part)) = address.rsplit_once('.')
            && let Some(node) = self.node_of(id)
        {
            return self.part_of_node(field, head, node, part);
        }
        let element = address.split('.').next().unwrap_or(address);
        if self.refused.contains(element) {
            return None;
        }
        let arcs = self.network.arcs.iter().map(|arc| arc.id.as_str());
        let outflows: Vec<String> = self
            .network
            .nodes
            .iter()
            .filter(|node| matches!(node.kind, NodeKind::Storage(_) | NodeKind::Junction))
            .map(|node| format!("{}.outflow", node.id))
            .collect();
        let known: Vec<&str> = arcs.chain(outflows.iter().map(String::as_str)).collect();
        let hint = match self.node_of(address) {
            Some(_) => Some(format!("`{address}` is a node: name a flow, such as `{address}.outflow`")),
            None => hint(address, &known, "flows of the basin"),
        };
        self.refuse_unknown(field, head, format!("`{}`: unknown flow `{address}`", field.key), hint);
        None
    }

    fn part_of_node(&mut self, field: &Field<String>, head: &Head, node: NodeId, part: &str) -> Option<Target> {
        let id = self.network.nodes[node.0].id.clone();
        let is_storage = matches!(self.network.nodes[node.0].kind, NodeKind::Storage(_));
        match part {
            "storage" | "level" if is_storage => return Some(Target::Storage(node)),
            "storage" | "level" => {
                self.refuse(
                    &field.place,
                    head,
                    format!("`{}`: `{id}` holds no storage", field.key),
                    Some("`storage` and `level` are a reservoir's or an aquifer's".to_owned()),
                );
            }
            "outflow" => {
                let arcs: Vec<ArcId> = (0..self.network.arcs.len())
                    .map(ArcId)
                    .filter(|arc| {
                        let arc = &self.network.arcs[arc.0];
                        arc.tail == node && arc.role.is_outflow()
                    })
                    .collect();
                if !arcs.is_empty() {
                    return Some(Target::Flow(arcs));
                }
                if self.is_sound() {
                    let hint =
                        "an outflow is what leaves through outlets and reaches, not what is diverted or taken in".to_owned();
                    self.refuse(&field.place, head, format!("`{}`: `{id}` has no outflow", field.key), Some(hint));
                }
            }
            _ => {
                if !self.refused.contains(&id) {
                    let ways: Vec<String> =
                        self.network.arcs.iter().filter(|arc| arc.tail == node).map(|arc| arc.id.clone()).collect();
                    let parts: Vec<&str> = ways
                        .iter()
                        .filter_map(|way| way.strip_prefix(&id).and_then(|part| part.strip_prefix('.')))
                        .chain(["outflow", "storage", "level"])
                        .collect();
                    let message = format!("`{}`: `{id}` has no `{part}`", field.key);
                    self.refuse_unknown(field, head, message, hint(part, &parts, "its parts"));
                }
            }
        }
        None
    }
}
