use std::cell::RefCell;

use tch::Tensor;

use super::proto::{AttributeProto, attribute_type};
use super::tensor_data::tensor_of_attribute;
use crate::vision::error::OpError;

/// The attributes of one node. Each that is asked for is ticked off, so that one which nobody knows is not passed over.
pub(super) struct Attributes<'a> {
    list: &'a [AttributeProto],
    asked: RefCell<Vec<bool>>,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(list: &'a [AttributeProto]) -> Self {
        Self { list, asked: RefCell::new(vec![false; list.len()]) }
    }

    fn find(&self, name: &str, kind: i32) -> Result<Option<&'a AttributeProto>, OpError> {
        let Some(place) = self.list.iter().position(|a| a.name == name) else { return Ok(None) };
        self.asked.borrow_mut()[place] = true;
        let attribute = &self.list[place];
        // The oldest files leave the type out.
        if attribute.kind != kind && attribute.kind != 0 {
            return Err(OpError::new(format!("its attribute “{name}” has another type than the standard says")));
        }
        Ok(Some(attribute))
    }

    pub(super) fn int(&self, name: &str) -> Result<Option<i64>, OpError> {
        Ok(self.find(name, attribute_type::INT)?.map(|a| a.i))
    }

    pub(super) fn int_or(&self, name: &str, default: i64) -> Result<i64, OpError> {
        Ok(self.int(name)?.unwrap_or(default))
    }

    /// An integer that stands for yes or no.
    pub(super) fn flag(&self, name: &str) -> Result<bool, OpError> {
        Ok(self.int_or(name, 0)? != 0)
    }

    pub(super) fn float(&self, name: &str) -> Result<Option<f64>, OpError> {
        match self.find(name, attribute_type::FLOAT)?.map(|a| f64::from(a.f)) {
            Some(value) if value.is_nan() => Err(OpError::new(format!("its attribute “{name}” is NaN"))),
            other => Ok(other),
        }
    }

    pub(super) fn float_or(&self, name: &str, default: f64) -> Result<f64, OpError> {
        Ok(self.float(name)?.unwrap_or(default))
    }

    pub(super) fn ints(&self, name: &str) -> Result<Option<Vec<i64>>, OpError> {
        Ok(self.find(name, attribute_type::INTS)?.map(|a| a.ints.clone()))
    }

    pub(super) fn floats(&self, name: &str) -> Result<Option<Vec<f32>>, OpError> {
        Ok(self.find(name, attribute_type::FLOATS)?.map(|a| a.floats.clone()))
    }

    pub(super) fn text_or(&self, name: &str, default: &str) -> Result<String, OpError> {
        let found = self.find(name, attribute_type::STRING)?;
        Ok(found.map_or_else(|| default.to_owned(), |a| String::from_utf8_lossy(&a.s).into_owned()))
    }

    /// A small tensor, on the processor.
    pub(super) fn tensor(&self, name: &str) -> Result<Option<Tensor>, OpError> {
        let found = self.find(name, attribute_type::TENSOR)?.and_then(|a| a.t.as_ref());
        let tensor = found.map(tensor_of_attribute).transpose();
        tensor.map_err(|e| OpError::new(format!("its attribute “{name}”: {e}")))
    }

    /// Takes note of attributes that change nothing here.
    pub(super) fn ignore(&self, names: &[&str]) {
        for (attribute, asked) in self.list.iter().zip(self.asked.borrow_mut().iter_mut()) {
            *asked |= names.contains(&attribute.name.as_str());
        }
    }

    /// # Errors
    /// An attribute that was never asked for: what it would change is unknown.
    pub(super) fn finish(&self) -> Result<(), OpError> {
        match self.list.iter().zip(self.asked.borrow().iter()).find(|(_, asked)| !**asked) {
            None => Ok(()),
            Some((attribute, _)) => Err(OpError::new(format!("its attribute “{}” is not supported", attribute.name))),
        }
    }
}
